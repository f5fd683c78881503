package dev.freeway.dataplane.link;

import static dev.freeway.dataplane.link.RouteNumbers.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.Capture;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.netlink.ReplaySocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What ip and the real kernel said to each other: we ask the same and read the same. */
class GoldenBytesTest {
  private static final Capture CAPTURE = Capture.read("ip.txt");

  /** The index that the capture's link had. */
  private static final int FREEWAY = 4;

  private static final int IFLA_EXT_MASK = 29;
  private static final int IFA_F_DEPRECATED = 0x20;
  private static final int NUD_NOARP = 0x40;
  private static final int NUD_PERMANENT = 0x80;
  private static final int NLMSG_DONE = 3;

  private static Optional<IpAddress> some(String address) {
    return Optional.of(IpAddress.parse(address));
  }

  private static LinkAddress held(String address, int bits, int flags) {
    return new LinkAddress(FREEWAY, IpAddress.parse(address), bits, flags);
  }

  /** A command line of ip, and the same in our words. */
  private static Arguments change(String commandLine, int header, Consumer<RouteNetlink> same) {
    return change(commandLine, 0, header, header, same, 0);
  }

  /**
   * The same.
   *
   * @param run which of the runs of that command line
   * @param read how much of the header the kernel reads
   */
  private static Arguments change(
      String commandLine, int run, int header, int read, Consumer<RouteNetlink> same, int errno) {
    return arguments(commandLine, run, header, read, same, errno);
  }

  static Stream<Arguments> changes() {
    Consumer<RouteNetlink> delete = netlink -> netlink.deleteAddress(held("192.0.2.1", 32, 0x80));
    Consumer<RouteNetlink> add = netlink -> netlink.addAddress(held("192.0.2.1", 32, 0));
    Consumer<RouteNetlink> dummy = netlink -> netlink.addDummy("freeway");
    return Stream.of(
        // Ours sets it up in the same request: the flags behind the index are those of the next.
        change("ip link add freeway type dummy", 0, LINK_HEADER, 8, dummy, 0),
        change("ip link add freeway type dummy", 1, LINK_HEADER, 8, dummy, Errno.EEXIST),
        change(
            "ip link set freeway up",
            LINK_HEADER,
            netlink -> netlink.setUp(new Link(FREEWAY, "freeway", "dummy", 0))),
        change("ip addr add 192.0.2.1/32 dev freeway", ADDRESS_HEADER, add),
        change("ip addr add 192.0.2.1/32 dev freeway", 1, ADDRESS_HEADER, 8, add, Errno.EEXIST),
        change(
            "ip addr add 2001:db8::1/128 dev freeway nodad",
            ADDRESS_HEADER,
            netlink -> netlink.addAddress(held("2001:db8::1", 128, IFA_F_NODAD))),
        change("ip addr del 192.0.2.1/32 dev freeway", ADDRESS_HEADER, delete),
        change(
            "ip addr del 192.0.2.1/32 dev freeway",
            1,
            ADDRESS_HEADER,
            8,
            delete,
            Errno.EADDRNOTAVAIL),
        change(
            "ip addr del 2001:db8::1/128 dev freeway",
            ADDRESS_HEADER,
            netlink -> netlink.deleteAddress(held("2001:db8::1", 128, 0x82))),
        // Flags say nothing where a link is deleted.
        change(
            "ip link del freeway",
            0,
            LINK_HEADER,
            8,
            netlink -> netlink.deleteLink(new Link(FREEWAY, "freeway", "dummy", IFF_UP)),
            0));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void asksAndIsAnsweredAsIp(
      String commandLine, int run, int header, int read, Consumer<RouteNetlink> same, int errno) {
    Capture.Exchange exchange = CAPTURE.of(commandLine).get(run);
    Capture.Turn last = exchange.turns().getLast(); // before it ip looks the name up
    ReplaySocket kernel = replay(header, last).readingHeader(read);
    try (RouteNetlink netlink = new RouteNetlink(kernel)) {
      if (errno == 0) {
        same.accept(netlink);
      } else {
        assertThatThrownBy(() -> same.accept(netlink))
            .isInstanceOfSatisfying(
                NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(errno));
      }
    }
    assertThat(kernel.left()).isZero();
  }

  @Test
  void aRequestThatDiffersIsNoticed() {
    Capture.Turn last =
        CAPTURE.of("ip addr add 192.0.2.1/32 dev freeway").getFirst().turns().getLast();
    try (RouteNetlink netlink = new RouteNetlink(replay(ADDRESS_HEADER, last))) {
      assertThatThrownBy(() -> netlink.addAddress(held("192.0.2.2", 32, 0)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("not captured");
      assertThatThrownBy(() -> netlink.addAddress(held("192.0.2.1", 31, 0)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("not captured");
    }
  }

  @Test
  void readsTheLinksThatIpLists() {
    ReplaySocket kernel =
        replay(LINK_HEADER, dump(RTM_GETLINK, RTM_NEWLINK, "ip addr list"))
            .passingOver(Integer.toString(IFLA_EXT_MASK)); // asks for more than we read
    try (RouteNetlink netlink = new RouteNetlink(kernel)) {
      assertThat(netlink.links())
          .extracting(Link::index, Link::name, Link::kind, Link::up, Link::loopback)
          .containsExactly(
              tuple(1, "lo", "", true, true),
              tuple(2, "tunl0", "ipip", false, false),
              tuple(3, "ip6tnl0", "ip6tnl", false, false),
              tuple(FREEWAY, "freeway", "dummy", true, false),
              tuple(5, "tunnel", "ipip", false, false),
              tuple(6, "any", "ipip", false, false),
              tuple(7, "tunnel6", "ip6tnl", false, false));
    }
  }

  @Test
  void readsTheAddressesThatIpLists() {
    try (RouteNetlink netlink =
        new RouteNetlink(replay(ADDRESS_HEADER, dump(RTM_GETADDR, RTM_NEWADDR, "ip addr list")))) {
      assertThat(netlink.addresses())
          .containsExactly(
              new LinkAddress(1, IpAddress.parse("127.0.0.1"), 8, IFA_F_PERMANENT),
              held("192.0.2.1", 32, IFA_F_PERMANENT),
              held("203.0.113.2", 24, IFA_F_PERMANENT),
              new LinkAddress(1, IpAddress.parse("::1"), 128, IFA_F_PERMANENT),
              held("2001:db8::2", 64, IFA_F_PERMANENT | IFA_F_NODAD | IFA_F_DEPRECATED),
              held("2001:db8::1", 128, IFA_F_PERMANENT | IFA_F_NODAD),
              held("fe80::2809:54ff:fef9:857c", 64, IFA_F_PERMANENT));
    }
  }

  @Test
  void readsTheRoutesThatIpLists() {
    try (RouteNetlink netlink =
        new RouteNetlink(
            replay(ROUTE_HEADER, dump(RTM_GETROUTE, RTM_NEWROUTE, "ip route list table all")))) {
      assertThat(netlink.routes().stream().map(GoldenBytesTest::words))
          .containsExactly(
              "default via 203.0.113.1 link 4 table 100 type 1 metric 0",
              "198.51.100.0/24 via 203.0.113.3 link 4 table 254 type 1 metric 0 src 203.0.113.2",
              "203.0.113.0/24 link 4 table 254 type 1 metric 0 src 203.0.113.2",
              "127.0.0.0/8 link 1 table 255 type 2 metric 0 src 127.0.0.1",
              "127.0.0.1/32 link 1 table 255 type 2 metric 0 src 127.0.0.1",
              "127.255.255.255/32 link 1 table 255 type 3 metric 0 src 127.0.0.1",
              "192.0.2.1/32 link 4 table 255 type 2 metric 0 src 192.0.2.1",
              "203.0.113.2/32 link 4 table 255 type 2 metric 0 src 203.0.113.2",
              "203.0.113.255/32 link 4 table 255 type 3 metric 0 src 203.0.113.2",
              "2001:db8::1/128 link 4 table 254 type 1 metric 256",
              "2001:db8::/64 link 4 table 254 type 1 metric 256",
              "2001:db8:b::/64 via 2001:db8::3 link 4 table 254 type 1 metric 1024",
              "fe80::/64 link 4 table 254 type 1 metric 256",
              "::1/128 link 1 table 255 type 2 metric 0",
              "2001:db8::1/128 link 4 table 255 type 2 metric 0",
              "2001:db8::2/128 link 4 table 255 type 2 metric 0",
              "fe80::2809:54ff:fef9:857c/128 link 4 table 255 type 2 metric 0",
              "ff00::/8 link 4 table 255 type 5 metric 256");
    }
  }

  private static String words(Route route) {
    return route.destination().map(to -> to + "/" + route.bits()).orElse("default")
        + route.gateway().map(via -> " via " + via).orElse("")
        + " link "
        + route.link()
        + " table "
        + route.table()
        + " type "
        + route.type()
        + " metric "
        + route.metric()
        + route.source().map(from -> " src " + from).orElse("");
  }

  @Test
  void readsTheRulesThatIpLists() {
    try (RouteNetlink netlink =
        new RouteNetlink(
            replay(
                ROUTE_HEADER, dump(RTM_GETRULE, RTM_NEWRULE, "ip rule list", "ip -6 rule list")))) {
      Optional<IpAddress> all = Optional.empty();
      assertThat(netlink.rules())
          .containsExactly(
              new Rule(Family.IPV4, 0, 255, 1, all, 0, all, 0, 0, 0, ""),
              new Rule(Family.IPV4, 1000, 100, 1, all, 0, all, 0, 0x1, 0xff, ""),
              new Rule(Family.IPV4, 1001, 100, 1, some("192.0.2.1"), 32, all, 0, 0, 0, ""),
              new Rule(Family.IPV4, 32766, 254, 1, all, 0, all, 0, 0, 0, ""),
              new Rule(Family.IPV4, 32767, 253, 1, all, 0, all, 0, 0, 0, ""),
              new Rule(Family.IPV6, 0, 255, 1, all, 0, all, 0, 0, 0, ""),
              new Rule(Family.IPV6, 1001, 100, 1, some("2001:db8::1"), 128, all, 0, 0, 0, ""),
              new Rule(Family.IPV6, 32766, 254, 1, all, 0, all, 0, 0, 0, ""));
    }
  }

  @Test
  void readsTheNeighboursThatIpLists() {
    try (RouteNetlink netlink =
        new RouteNetlink(replay(ROUTE_HEADER, dump(RTM_GETNEIGH, RTM_NEWNEIGH, "ip neigh list")))) {
      assertThat(netlink.neighbours())
          .containsExactly(
              neighbour("203.0.113.1", NUD_PERMANENT, "02:00:cb:00:71:01"),
              neighbour("2001:db8::3", NUD_PERMANENT, "02:00:cb:00:71:03"),
              neighbour("ff02::2", NUD_NOARP, "33:33:00:00:00:02"));
    }
  }

  private static Neighbour neighbour(String address, int state, String hardware) {
    return new Neighbour(FREEWAY, IpAddress.parse(address), state, hardware);
  }

  /** ip leaves out the flag that says nest, and the zero that ends the name of a kind. */
  private static ReplaySocket replay(int header, Capture.Turn turn) {
    return Capture.replay(header, new Capture.Exchange("one", List.of(turn)))
        .nests(Integer.toString(IFLA_LINKINFO))
        .readingOnly(IFLA_LINKINFO + "/" + IFLA_INFO_KIND, "dummy".length());
  }

  /**
   * A dump as one turn. ip looks names up while it reads one, and asks for one family after the
   * other where we ask for all at once: family 0.
   */
  private static Capture.Turn dump(int request, int answer, String... commandLines) {
    String sent = "";
    List<String> answers = new ArrayList<>();
    String done = "";
    for (String commandLine : commandLines) {
      for (Capture.Turn turn : CAPTURE.of(commandLine).getFirst().turns()) {
        if (type(turn.sent()) == request && isDump(turn.sent())) {
          sent = turn.sent();
        }
        for (String datagram : turn.answers()) {
          if (type(datagram) == answer && isMultipart(datagram)) {
            answers.add(datagram);
          } else if (type(datagram) == NLMSG_DONE) {
            done = datagram;
          }
        }
      }
    }
    answers.add(done);
    return new Capture.Turn(sent.substring(0, 32) + "00" + sent.substring(34), answers);
  }

  private static int type(String datagram) {
    return Integer.parseInt(datagram.substring(10, 12) + datagram.substring(8, 10), 16);
  }

  private static boolean isDump(String datagram) {
    return datagram.startsWith("0103", 12);
  }

  private static boolean isMultipart(String datagram) {
    return (Integer.parseInt(datagram.substring(12, 14), 16) & 2) != 0;
  }
}
