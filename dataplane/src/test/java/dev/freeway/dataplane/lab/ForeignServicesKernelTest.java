package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.CommandLine;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Protocol;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Services that ipvsadm made stay as they are, with their connections, whatever we do. */
@Tag("kernel")
@ExtendWith(SharedSegment.class)
class ForeignServicesKernelTest {
  private static final int OURS = Segment.PORT;
  private static final int THEIRS = Segment.TARGET_PORT;

  /**
   * On our address another port, by firewall mark, of IPv6, persistent, at weight 0, without any.
   */
  private static final String FOREIGN =
      """
      -A -t 10.9.0.1:7001 -s rr
      -a -t 10.9.0.1:7001 -r 10.1.0.11:7001 -g -w 1
      -a -t 10.9.0.1:7001 -r 10.1.0.12:7001 -g -w 3
      -A -u 10.9.0.1:7001 -s mh -b mh-port
      -a -u 10.9.0.1:7001 -r 10.1.0.11:7001 -g -w 1
      -A -t [fd00:9::1]:7001 -s wlc -p 600
      -a -t [fd00:9::1]:7001 -r [fd00:1::11]:7001 -g -w 1
      -a -t [fd00:9::1]:7001 -r [fd00:1::12]:7001 -g -w 0
      -A -t 10.9.0.2:7000 -s dh
      -A -f 7 -s wrr
      -a -f 7 -r 10.1.0.13:0 -i -w 2
      -A -f 7 -6 -s sh
      -a -f 7 -6 -r [fd00:1::13]:0 -m -w 2
      """;

  private static Segment segment;

  @TempDir private Path directory;
  private Machine lb;
  private Router router;
  private List<String> before;
  private final List<Flow> flows = new ArrayList<>();

  @BeforeAll
  static void open(Segment shared) {
    segment = shared;
  }

  @BeforeEach
  void others() throws Exception {
    segment.clear();
    lb = segment.machine("lb");
    lb.shell(
        "ip address add 10.9.0.1/32 dev lo; ip address add fd00:9::1/128 dev lo\n"
            + "ipvsadm -R << 'END'\n"
            + FOREIGN
            + "END");
    router = new Router(lb, directory);
    before = table();
    assertThat(before).hasSize(13);
    for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
      flows.addAll(Flow.establish(segment.clients(), protocol, vip(THEIRS), 4));
    }
  }

  @AfterEach
  void theirsAreUntouched() throws Exception {
    assertThat(table()).containsAll(before);
    Flow.assertKept(flows);
    Flow.close(flows);
  }

  private static InetSocketAddress vip(int port) {
    return new InetSocketAddress(Segment.VIP4.toInetAddress(), port);
  }

  /** The table as ipvsadm would restore it, without the order that a dump has by chance. */
  private List<String> table() throws Exception {
    return lb.shell("ipvsadm -Sn").lines().sorted().toList();
  }

  private static Manifest ours() {
    Manifest manifest =
        new Manifest("web", Segment.VIP4).with("forwarding", "direct").ports(OURS, OURS);
    for (String backend : Segment.BACKENDS) {
      manifest.endpoint(Segment.address(backend, Family.IPV4));
    }
    return manifest;
  }

  private static Manifest other() {
    return new Manifest("other", Segment.VIP6)
        .with("forwarding", "direct")
        .endpoint(Segment.address("b1", Family.IPV6));
  }

  private List<String> oursOnly() throws Exception {
    return table().stream().filter(line -> !before.contains(line)).toList();
  }

  @Test
  void applyingAndShrinkingAndReplacingOurs() throws Exception {
    router.apply(ours(), other());
    router.apply(ours(), other());
    router.apply(other());
    assertThat(oursOnly()).hasSize(4); // a service and a destination, over TCP and over UDP
  }

  @Test
  void areShownAsForeign() throws Exception {
    router.apply(ours());
    JsonNode services = new ObjectMapper().readTree(router.show().out()).get("services");
    List<String> owners = new ArrayList<>();
    for (JsonNode service : services) {
      owners.add(
          service.get("owner").asString()
              + " "
              + service.get("protocol").asString()
              + " "
              + service.get("address").asString()
              + " "
              + service.get("port").asInt());
    }
    assertThat(owners)
        .containsExactlyInAnyOrder(
            "ours tcp 10.9.0.1 7000",
            "ours udp 10.9.0.1 7000",
            "foreign tcp 10.9.0.1 7001",
            "foreign udp 10.9.0.1 7001",
            "foreign tcp 10.9.0.2 7000",
            "foreign tcp fd00:9::1 7001",
            "foreign fwmark  0",
            "foreign fwmark  0");
  }

  @Test
  void aLostRecordMakesOursForeignAndDeletesNothing() throws Exception {
    router.apply(ours());
    List<String> whole = table();
    try (Stream<Path> record = Files.list(router.state())) {
      for (Path file : record.toList()) {
        Files.delete(file);
      }
    }
    CommandLine.Result refused = router.tryApply(List.of(ours()));
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.err()).contains("--adopt");
    router.apply(other());
    assertThat(table()).containsAll(whole);
  }

  @Test
  void theOneWithOurNameIsRefusedAndThenAdoptedAlone() throws Exception {
    lb.shell(
        "ipvsadm -A -t 10.9.0.1:7000 -s rr; ipvsadm -a -t 10.9.0.1:7000 -r 10.1.0.12:7000 -g -w 1");
    List<Flow> adopted = Flow.establish(segment.clients(), Protocol.TCP, vip(OURS), 4);
    assertThat(Flow.backends(adopted)).containsExactly("b2");

    CommandLine.Result refused = router.tryApply(List.of(ours()));
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.err()).contains("10.9.0.1", "7000", "--adopt");
    assertThat(oursOnly()).hasSize(2 + 4); // theirs, and ours over UDP

    assertThat(router.tryApply(List.of(ours()), "--adopt").exitCode()).isZero();
    assertThat(oursOnly()).hasSize(4 + 4);
    Flow.assertKept(adopted);
    Flow.close(adopted);
  }
}
