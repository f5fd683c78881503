package dev.freeway.dataplane.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.MalformedMessageException;
import dev.freeway.dataplane.netlink.MessageReader;
import dev.freeway.dataplane.netlink.MessageWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

final class RouteCodecTest {
  private static final long SEED = 20261125;
  private static final int ROUNDS = 2_000;

  private final RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);

  private static ByteBuffer payload(Consumer<MessageWriter> request) {
    ByteBuffer bytes = ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder());
    MessageWriter writer = new MessageWriter(bytes);
    request.accept(writer);
    MessageReader reader = new MessageReader(bytes.flip());
    assertThat(reader.next()).isTrue();
    return reader.payload();
  }

  private IpAddress address(Family family) {
    return family == Family.IPV4
        ? new IpAddress(family, 0, random.nextLong(1L << 32))
        : new IpAddress(family, random.nextLong(), random.nextLong());
  }

  private Family family() {
    return random.nextBoolean() ? Family.IPV4 : Family.IPV6;
  }

  private Optional<IpAddress> maybe(Family family) {
    return random.nextBoolean() ? Optional.of(address(family)) : Optional.empty();
  }

  @Test
  void whatIsEncodedIsDecoded() {
    for (int round = 0; round < ROUNDS; round++) {
      Link link =
          new Link(
              random.nextInt(1 << 30), "l" + random.nextInt(10_000), "dummy", random.nextInt(4));
      assertThat(RouteDecoder.link(payload(out -> RouteEncoder.addLink(link, out))))
          .isEqualTo(link);
      Family family = family();
      LinkAddress address =
          new LinkAddress(
              random.nextInt(1 << 30),
              address(family),
              random.nextInt(family.bits() + 1),
              family == Family.IPV6 ? random.nextInt() : 0);
      assertThat(RouteDecoder.address(payload(out -> RouteEncoder.addAddress(address, out))))
          .contains(address);
    }
  }

  /** As {@code ip address replace 10.1.0.100/32 dev eth0 valid_lft 30 preferred_lft 0} asks. */
  @Test
  void anAddressIsLentWithItsTimeAndIsNoSourceOfPackets() {
    LinkAddress address = new LinkAddress(2, IpAddress.parse("10.1.0.100"), 32, 0);
    ByteBuffer bytes = payload(out -> RouteEncoder.lendAddress(address, 30, out));
    byte[] payload = new byte[bytes.remaining()];
    bytes.get(payload);
    assertThat(HexFormat.of().formatHex(payload))
        .isEqualTo(
            "02200000" // AF_INET, 32 bits
                + "02000000" // link 2
                + "080002000a010064" // IFA_LOCAL
                + "080001000a010064" // IFA_ADDRESS
                + "14000600" // IFA_CACHEINFO
                + "00000000" // preferred for 0 s
                + "1e000000" // valid for 30 s
                + "0000000000000000");
  }

  @Test
  void aRouteARuleAndANeighbourAreReadAsTheKernelWritesThem() {
    for (int round = 0; round < ROUNDS; round++) {
      Family family = family();
      Route route =
          new Route(
              family,
              maybe(family),
              random.nextInt(family.bits() + 1),
              random.nextInt(1 << 20),
              random.nextInt(12),
              1 + random.nextInt(100),
              maybe(family),
              maybe(family),
              random.nextInt(1 << 20));
      assertThat(RouteDecoder.route(payload(out -> write(route, out)))).contains(route);
      Rule rule =
          new Rule(
              family,
              random.nextInt(1 << 16),
              random.nextInt(1 << 20),
              1,
              maybe(family),
              random.nextInt(family.bits() + 1),
              maybe(family),
              random.nextInt(family.bits() + 1),
              random.nextInt(),
              random.nextInt(),
              random.nextBoolean() ? "eth0" : "");
      assertThat(RouteDecoder.rule(payload(out -> write(rule, out)))).contains(rule);
      Neighbour neighbour =
          new Neighbour(random.nextInt(100), address(family), 2, "02:00:00:00:00:0a");
      assertThat(RouteDecoder.neighbour(payload(out -> write(neighbour, out)))).contains(neighbour);
    }
  }

  private static void header(int type, Family family, int a, int b, int last, MessageWriter out) {
    out.begin(type, 0);
    out.buffer().put((byte) family.number()).put((byte) a).put((byte) b).put((byte) 0);
    out.buffer().put((byte) 0).put((byte) 0).put((byte) 0).put((byte) last).putInt(0);
  }

  private static void put(int type, Optional<IpAddress> address, MessageWriter out) {
    address.ifPresent(
        value -> {
          int mark = out.beginAttribute(type);
          value.put(out.buffer());
          out.end(mark);
        });
  }

  private static void write(Route route, MessageWriter out) {
    header(RouteNumbers.RTM_NEWROUTE, route.family(), route.bits(), 0, route.type(), out);
    put(RouteNumbers.RTA_DST, route.destination(), out);
    put(RouteNumbers.RTA_GATEWAY, route.gateway(), out);
    put(RouteNumbers.RTA_PREFSRC, route.source(), out);
    out.putInt(RouteNumbers.RTA_TABLE, route.table());
    out.putInt(RouteNumbers.RTA_OIF, route.link());
    out.putInt(RouteNumbers.RTA_PRIORITY, route.metric());
    out.end();
  }

  private static void write(Rule rule, MessageWriter out) {
    header(
        RouteNumbers.RTM_NEWRULE,
        rule.family(),
        rule.destinationBits(),
        rule.sourceBits(),
        rule.action(),
        out);
    put(RouteNumbers.FRA_DST, rule.destination(), out);
    put(RouteNumbers.FRA_SRC, rule.source(), out);
    out.putInt(RouteNumbers.FRA_PRIORITY, rule.priority());
    out.putInt(RouteNumbers.FRA_TABLE, rule.table());
    out.putInt(RouteNumbers.FRA_FWMARK, rule.mark());
    out.putInt(RouteNumbers.FRA_FWMASK, rule.mask());
    if (!rule.inbound().isEmpty()) {
      out.putString(RouteNumbers.FRA_IIFNAME, rule.inbound());
    }
    out.end();
  }

  private static void write(Neighbour neighbour, MessageWriter out) {
    out.begin(RouteNumbers.RTM_NEWNEIGH, 0);
    out.buffer().putInt(neighbour.address().family().number()).putInt(neighbour.link());
    out.buffer().putShort((short) neighbour.state()).putShort((short) 0);
    put(RouteNumbers.NDA_DST, Optional.of(neighbour.address()), out);
    int mark = out.beginAttribute(RouteNumbers.NDA_LLADDR);
    out.buffer().put(new byte[] {2, 0, 0, 0, 0, 10});
    out.end(mark);
    out.end();
  }

  @Test
  void hostileBytesEndInOneException() {
    List<Consumer<ByteBuffer>> decoders =
        List.of(
            RouteDecoder::link,
            RouteDecoder::address,
            RouteDecoder::route,
            RouteDecoder::rule,
            RouteDecoder::neighbour,
            Netfilter::decodeChain,
            Netfilter::decodeGeneration);
    int refused = 0;
    for (int round = 0; round < 20 * ROUNDS; round++) {
      byte[] bytes = new byte[random.nextInt(96)];
      random.nextBytes(bytes);
      for (int at = 0; at + 4 < bytes.length; at += 4) { // lengths that are nearly right
        if (random.nextInt(3) == 0) {
          bytes[at] = (byte) random.nextInt(bytes.length - at + 2);
          bytes[at + 1] = 0;
          bytes[at + 2] = (byte) random.nextInt(20);
          bytes[at + 3] = 0;
        }
      }
      if (bytes.length > 0 && random.nextBoolean()) {
        bytes[0] = (byte) (random.nextBoolean() ? 2 : 10);
      }
      for (Consumer<ByteBuffer> decoder : decoders) {
        try {
          decoder.accept(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()));
        } catch (MalformedMessageException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(ROUNDS);
  }

  @Test
  void whatIsCutOffIsMalformedAndWhatIsOfAnotherFamilyIsNothing() {
    ByteBuffer whole =
        payload(
            out ->
                RouteEncoder.addAddress(
                    new LinkAddress(3, IpAddress.parse("10.0.0.1"), 32, 0), out));
    assertThatThrownBy(() -> RouteDecoder.address(whole.slice(0, 10).order(whole.order())))
        .isInstanceOf(MalformedMessageException.class);
    ByteBuffer tooLong =
        payload(
            out ->
                RouteEncoder.addAddress(
                    new LinkAddress(3, IpAddress.parse("10.0.0.1"), 33, 0), out));
    assertThatThrownBy(() -> RouteDecoder.address(tooLong))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining("33 bits");
    ByteBuffer bridge = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder()).put(0, (byte) 7);
    assertThat(RouteDecoder.neighbour(bridge)).isEmpty();
    assertThat(RouteDecoder.route(bridge)).isEmpty();
  }

  @Test
  void aTunnelIsDecodedWithItsEnds() {
    for (String kind : List.of("ipip", "sit", "ip6tnl", "gre", "ip6gre")) {
      IpAddress local = address(kind.startsWith("ip6") ? Family.IPV6 : Family.IPV4);
      boolean checksum = kind.endsWith("gre");
      TunnelSpec spec = new TunnelSpec("freeway-" + kind, kind, local, checksum);
      ByteBuffer bytes = payload(out -> RouteEncoder.addTunnel(spec, out));
      bytes.putInt(bytes.position() + 4, 7); // the kernel gives it an index
      Device device = RouteDecoder.device(bytes);
      assertThat(device.link()).isEqualTo(new Link(7, spec.name(), kind, RouteNumbers.IFF_UP));
      assertThat(device.local()).contains(local);
      assertThat(device.remote()).isEmpty();
      assertThat(device.checksum()).isEqualTo(checksum);
    }
  }

  /** IPV4_DEVCONF_* are counted from 1, the array that the kernel sends from 0. */
  @Test
  void aDevicesSettingsAreReadFromTheirPlaces() {
    ByteBuffer bytes =
        payload(
            out -> {
              out.begin(RouteNumbers.RTM_NEWLINK, 0);
              out.buffer().putInt(0).putInt(2).putInt(0).putInt(0);
              out.putString(RouteNumbers.IFLA_IFNAME, "eth0");
              out.putInt(RouteNumbers.IFLA_MTU, 9001);
              int families = out.beginNest(RouteNumbers.IFLA_AF_SPEC);
              int family = out.beginNest(RouteNumbers.AF_INET);
              int array = out.beginAttribute(RouteNumbers.IFLA_INET_CONF);
              for (int number = 1; number <= 30; number++) {
                out.buffer().putInt(number * 10);
              }
              out.end(array);
              out.end(family);
              out.end(families);
              out.end();
            });
    Device device = RouteDecoder.device(bytes);
    assertThat(device.mtu()).isEqualTo(9001);
    assertThat(device.rpFilter()).isEqualTo(80);
    assertThat(device.arpAnnounce()).isEqualTo(180);
    assertThat(device.arpIgnore()).isEqualTo(190);
  }
}
