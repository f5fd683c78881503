package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may come to a service, with packets of one client who may and one who may not. */
@Tag("kernel")
class SourceRangesKernelTest extends RouterOnSegment {
  private static final int OTHER = 7002;

  private static Manifest service(String name, Family family, String forwarding, int port) {
    Manifest manifest =
        new Manifest(name, Segment.vip(family)).with("forwarding", forwarding).ports(port, port);
    for (String backend : Segment.BACKENDS) {
      manifest.endpoint(Segment.address(backend, family));
    }
    return manifest;
  }

  private Client.Connection open(String client, Protocol protocol, Family family, int port)
      throws Exception {
    InetSocketAddress to = new InetSocketAddress(Segment.vip(family).toInetAddress(), port);
    return new Client(segment.machine(client)).open(protocol, to, 1).getFirst();
  }

  private void isAnswered(String client, Protocol protocol, Family family) throws Exception {
    try (Client.Connection connection = open(client, protocol, family, Segment.PORT)) {
      assertThat(Segment.BACKENDS).contains(connection.ask().backend());
    }
  }

  private void isTurnedAway(String client, Protocol protocol, Family family, int port) {
    assertThatIOException()
        .isThrownBy(
            () -> {
              try (Client.Connection connection = open(client, protocol, family, port)) {
                connection.ask();
              }
            });
  }

  private String dropped() throws Exception {
    return lb.shell("nft list table inet freeway-ranges 2> /dev/null || true");
  }

  @ParameterizedTest
  @CsvSource({"IPV4, direct", "IPV4, nat", "IPV6, direct"})
  void onlyTheClientsThatAreNamedComeIn(Family family, String forwarding) throws Exception {
    IpAddress may = Segment.address("r1", family);
    router.apply(
        service("web", family, forwarding, Segment.PORT)
            .sourceRanges(may + "/" + may.family().bits(), "203.0.113.0/24", "203.0.113.7/32"));
    isAnswered("r1", Protocol.TCP, family);
    isAnswered("r1", Protocol.UDP, family);
    isTurnedAway("r2", Protocol.TCP, family, Segment.PORT);
    Client.Connection kept = open("r1", Protocol.TCP, family, Segment.PORT);
    String backend = kept.ask().backend();

    String all = family == Family.IPV4 ? "0.0.0.0/0" : "::/0";
    router.apply(service("web", family, forwarding, Segment.PORT).sourceRanges(all));
    isAnswered("r2", Protocol.TCP, family);
    router.apply(service("web", family, forwarding, Segment.PORT)); // everybody
    isAnswered("r2", Protocol.TCP, family);
    assertThat(kept.ask().backend()).isEqualTo(backend);
    kept.close();
    assertThat(dropped()).isEmpty();
  }

  @Test
  void anotherServiceAtTheSameAddressStaysOpenAndATableThatIsGoneComesBack() throws Exception {
    router.apply(
        service("web", Family.IPV4, "direct", OTHER).sourceRanges("203.0.113.0/24"),
        service("open", Family.IPV4, "direct", Segment.PORT));
    isAnswered("r1", Protocol.TCP, Family.IPV4);
    assertThat(lb.shell("ipvsadm -Ln")).contains(Segment.VIP4 + ":" + OTHER);
    isTurnedAway("r1", Protocol.UDP, Family.IPV4, OTHER);
    assertThat(dropped()).contains("10.9.0.1 . tcp . 7002").doesNotContain("7000");
    lb.shell("nft delete table inet freeway-ranges"); // another program
    router.apply(
        service("web", Family.IPV4, "direct", OTHER).sourceRanges("203.0.113.0/24"),
        service("open", Family.IPV4, "direct", Segment.PORT));
    assertThat(dropped()).contains("203.0.113.0/24");
  }
}
