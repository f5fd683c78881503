package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.freeway.dataplane.backend.Backend.Report;
import dev.freeway.dataplane.backend.BackendNeeds;
import dev.freeway.dataplane.backend.NodeNetwork;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Beside a firewall that drops what its connection tracker calls invalid, as kube-proxy does. */
@Tag("kernel")
class TrackingKernelTest extends RouterOnSegment {
  /** And a connection that it tracks; any will do. */
  private static final String FIREWALL =
      """
      nft -f - << 'NFT'
      table inet firewall {
        chain in { type filter hook input priority 0; ct state invalid counter drop; }
        chain through { type filter hook forward priority 0; ct state invalid counter drop; }
      }
      NFT
      echo > /dev/udp/10.1.0.1/9
      """;

  private static final int OTHER = 7002;

  private static Manifest service(Family family, String forwarding, IpAddress... backends) {
    Manifest manifest =
        new Manifest("web", Segment.vip(family))
            .with("forwarding", forwarding)
            .ports(Segment.PORT, Segment.PORT);
    for (IpAddress backend : backends) {
      manifest.endpoint(backend);
    }
    return manifest;
  }

  private static Manifest service(Family family, String forwarding) {
    return service(
        family,
        forwarding,
        Segment.BACKENDS.stream()
            .map(name -> Segment.address(name, family))
            .toArray(IpAddress[]::new));
  }

  /** Twice on each connection: the first packet of one is never invalid. */
  private void isAnswered(Protocol protocol, Family family) throws Exception {
    InetSocketAddress to = new InetSocketAddress(Segment.vip(family).toInetAddress(), Segment.PORT);
    List<Client.Connection> connections = new Client(segment.machine("r1")).open(protocol, to, 3);
    try {
      for (int i = 0; i < 2; i++) {
        assertThat(Client.askAll(connections))
            .extracting(Client.Answer::seen)
            .containsOnly(Segment.address("r1", family));
      }
    } finally {
      Client.closeAll(connections);
    }
  }

  /** A Service of NAT, which makes IPVS hand over all that it does to the connection tracker. */
  private static Manifest translated(Family family) {
    return new Manifest("nat", Segment.vip(family))
        .with("forwarding", "nat")
        .ports(OTHER, Segment.PORT)
        .endpoint(Segment.address("b1", family));
  }

  @ParameterizedTest
  @CsvSource({
    "IPV4, direct, TCP",
    "IPV4, direct, UDP",
    "IPV4, tunnel, TCP",
    "IPV6, direct, TCP",
    "IPV6, tunnel, TCP"
  })
  void directReturnIsNotInvalid(Family family, String forwarding, Protocol protocol)
      throws Exception {
    lb.shell(FIREWALL);
    router.apply(service(family, forwarding), translated(family));
    assertThat(lb.shell("sysctl -n net.ipv4.vs.conntrack").strip()).isEqualTo("1");
    isAnswered(protocol, family);
    assertThat(lb.shell("nft list table inet firewall")).contains("counter packets 0 bytes 0 drop");
  }

  @Test
  void withoutTheTableAClientsSecondPacketIsInvalid() throws Exception {
    lb.shell(FIREWALL);
    router.apply(service(Family.IPV4, "direct"), translated(Family.IPV4));
    lb.shell("nft delete table inet freeway-untracked");
    assertThatIOException().isThrownBy(() -> isAnswered(Protocol.TCP, Family.IPV4));
  }

  /** As on a node that is a router and has Pods: their answers leave by it. */
  @ParameterizedTest
  @CsvSource({"IPV4, direct, TCP", "IPV4, tunnel, UDP", "IPV4, tunnel, TCP", "IPV6, tunnel, TCP"})
  void backendsMayAnswerThroughTheRouter(Family family, String forwarding, Protocol protocol)
      throws Exception {
    lb.shell("sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
    lb.shell(FIREWALL);
    segment.topology("for b in b1 b2 b3; do topology_backend_return $b through; done");
    router.apply(service(family, forwarding));
    isAnswered(protocol, family);
  }

  @Test
  void withServicesOfNatAloneEverythingStaysTracked() throws Exception {
    lb.shell(FIREWALL);
    router.apply(service(Family.IPV4, "direct"));
    assertThat(lb.shell("nft list tables")).contains("freeway-untracked");
    router.apply(service(Family.IPV4, "nat"));
    assertThat(lb.shell("nft list tables")).doesNotContain("freeway-untracked");
  }

  /** A Pod on a node that is no router: the node sees its answer, and never what was asked. */
  @ParameterizedTest
  @CsvSource({"IPV4, TCP", "IPV4, UDP", "IPV6, TCP"})
  void anAnswerLeavesANodeThatDropsWhatIsInvalid(Family family, Protocol protocol)
      throws Exception {
    segment.topology(
        """
        topology_host node br-lan 10.1.0.50/24 fd00:1::50/64
        ip -n node route add default via 10.1.0.1
        ip -n node -6 route add default via fd00:1::1
        ip netns exec node sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        ip netns add pod
        ip link add pod0 netns node type veth peer name eth0 netns pod
        ip -n node address add 10.5.0.1/24 dev pod0
        ip -n node address add fd00:5::1/64 dev pod0 nodad
        ip -n node link set pod0 up
        ip -n pod link set lo up
        ip -n pod address add 10.5.0.2/24 dev eth0
        ip -n pod address add fd00:5::2/64 dev eth0 nodad
        ip -n pod link set eth0 up
        ip -n pod route add default via 10.5.0.1
        ip -n pod -6 route add default via fd00:5::1
        ip -n lb route add 10.5.0.0/24 via 10.1.0.50
        ip -n lb -6 route add fd00:5::/64 via fd00:1::50
        """);
    IpAddress own = IpAddress.parse(family == Family.IPV4 ? "10.5.0.2" : "fd00:5::2");
    IpAddress vip = Segment.vip(family);
    try (Machine pod = Machine.named("pod");
        Machine node = Machine.named("node")) {
      node.shell(FIREWALL);
      Report prepared =
          pod.call(
              () ->
                  dev.freeway.dataplane.backend.Backend.prepare(
                      BackendNeeds.of(List.of(vip), Set.of(Encapsulation.IPIP))));
      assertThat(prepared.errors()).isEmpty();
      List<InetAddress> addresses = new ArrayList<>();
      for (IpAddress address : List.of(vip, own)) {
        addresses.add(address.toInetAddress());
      }
      try (Backend _ = Backend.on(pod, addresses, Segment.PORT)) {
        router.apply(service(family, "tunnel", own));
        if (protocol == Protocol.TCP) { // of UDP an answer begins a connection of its own
          assertThatIOException().isThrownBy(() -> isAnswered(protocol, family));
        }
        NodeNetwork network = node.call(NodeNetwork::new);
        assertThat(node.call(() -> network.keep(List.of(vip))).changes())
            .singleElement()
            .satisfies(change -> assertThat(change.name()).isEqualTo("untracked"));
        isAnswered(protocol, family);
        assertThat(node.call(() -> network.keep(List.of(vip))).changes()).isEmpty();

        node.shell("nft flush table inet freeway-node");
        assertThat(node.call(() -> network.keep(List.of(vip))).changes()).hasSize(1);
        isAnswered(protocol, family);
        assertThat(node.call(() -> network.keep(List.of())).changes())
            .singleElement()
            .satisfies(change -> assertThat(change.removal()).isTrue());
        assertThat(node.shell("nft list tables")).doesNotContain("freeway-node");
      }
    } finally {
      segment.topology("ip link del node-eth0; ip netns del pod; ip netns del node");
    }
  }
}
