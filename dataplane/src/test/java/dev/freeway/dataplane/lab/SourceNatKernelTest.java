package dev.freeway.dataplane.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.CommandLine;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Protocol;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A service whose source NAT the kernel refuses, because another program owns the table. */
@Tag("kernel")
class SourceNatKernelTest extends RouterOnSegment {
  private static Manifest direct() {
    return backends(new Manifest("direct", Segment.VIP6).with("forwarding", "direct"), Family.IPV6);
  }

  private static Manifest nat() {
    return backends(
        new Manifest("nat", Segment.VIP4)
            .with("forwarding", "nat")
            .ports(Segment.PORT, Segment.TARGET_PORT),
        Family.IPV4);
  }

  private static Manifest backends(Manifest manifest, Family family) {
    for (String backend : Segment.BACKENDS) {
      manifest.endpoint(Segment.address(backend, family));
    }
    return manifest;
  }

  private String table() throws Exception {
    return lb.shell("ipvsadm -Sn");
  }

  @Test
  void isNotMadeUntilItCanBeSetUpAndTheOthersServe() throws Exception {
    Process owner = lb.call(() -> new ProcessBuilder("nft", "-i").start());
    try {
      owner.getOutputStream().write("add table inet freeway { flags owner; }\n".getBytes(UTF_8));
      owner.getOutputStream().flush();
      Await.until(
          () -> "another program's table",
          () -> {
            try {
              return lb.shell("nft list tables").contains("inet freeway");
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      CommandLine.Result result = router.tryApply(List.of(direct(), nat()));
      assertThat(result.exitCode()).as(result.err()).isEqualTo(3);
      assertThat(result.err())
          .containsOnlyOnce("program Service default/nat: its source NAT cannot be set up")
          .contains("another process made it with the flag owner")
          .contains("nft list table inet freeway shows its name")
          .doesNotContain("CAP_NET_ADMIN");
      assertThat(lb.shell("nft list table inet freeway")).contains("# progname nft");
      assertThat(table()).contains("-A -t [").doesNotContain(vip());
      assertThat(lb.shell("ip -o address show dev freeway0"))
          .contains(Segment.VIP6.toString())
          .doesNotContain(Segment.VIP4.toString());
    } finally {
      owner.destroy(); // and its table goes with it
      owner.waitFor();
    }
    router.apply(direct(), nat());
    assertThat(table()).contains(vip());
    InetSocketAddress to = new InetSocketAddress(Segment.VIP4.toInetAddress(), Segment.PORT);
    List<Flow> flows = Flow.establish(segment.clients(), Protocol.TCP, to, 4);
    Flow.assertKept(flows);
    Flow.close(flows);
  }

  private static String vip() {
    return Segment.VIP4 + ":" + Segment.PORT;
  }
}
