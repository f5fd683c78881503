package dev.freeway.dataplane.link;

import static dev.freeway.dataplane.link.RouteNumbers.*;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.AttributeReader;
import dev.freeway.dataplane.netlink.MalformedMessageException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * The kernel's rtnetlink messages to values. Bytes that are no such message end in a {@link
 * MalformedMessageException} and in nothing else. What is of another family than IPv4 and IPv6,
 * such as the entries of a bridge, is empty.
 */
final class RouteDecoder {
  private RouteDecoder() {}

  static Link link(ByteBuffer payload) {
    AttributeReader in = AttributeReader.after(payload, LINK_HEADER);
    int start = payload.position();
    int index = payload.getInt(start + 4);
    int flags = payload.getInt(start + 8);
    String name = "";
    String kind = "";
    String hardware = "";
    while (in.next()) {
      switch (in.type()) {
        case IFLA_ADDRESS -> hardware = HexFormat.ofDelimiter(":").formatHex(in.copy());
        case IFLA_IFNAME -> name = in.string();
        case IFLA_LINKINFO -> {
          AttributeReader info = in.nested();
          while (info.next()) {
            if (info.type() == IFLA_INFO_KIND) {
              kind = info.string();
            }
          }
        }
        default -> {}
      }
    }
    if (index < 0 || name.isEmpty()) {
      throw new MalformedMessageException("link " + index + " is called \"" + name + "\"");
    }
    return new Link(index, name, kind, flags, hardware);
  }

  /** A link with more of what its message says. */
  static Device device(ByteBuffer payload) {
    Link link = link(payload);
    AttributeReader in = AttributeReader.after(payload, LINK_HEADER);
    int mtu = 0;
    int peer = 0;
    Map<DeviceSetting, Integer> settings = new EnumMap<>(DeviceSetting.class);
    Ends ends = Ends.NONE;
    while (in.next()) {
      switch (in.type()) {
        case IFLA_MTU -> mtu = in.u32();
        case IFLA_LINK -> peer = in.u32();
        case IFLA_LINKINFO -> {
          AttributeReader info = in.nested();
          while (info.next()) {
            if (info.type() == IFLA_INFO_DATA) {
              ends = Ends.read(link.kind(), info.nested());
            }
          }
        }
        case IFLA_AF_SPEC -> settings(in.nested(), settings);
        default -> {}
      }
    }
    return new Device(
        link,
        mtu,
        peer,
        settings.getOrDefault(DeviceSetting.RP_FILTER, 0),
        settings.getOrDefault(DeviceSetting.ARP_IGNORE, 0),
        settings.getOrDefault(DeviceSetting.ARP_ANNOUNCE, 0),
        ends.local,
        ends.remote,
        ends.checksum);
  }

  /** The kernel gives all settings of IPv4 as one array, the first at place 0. */
  private static void settings(AttributeReader families, Map<DeviceSetting, Integer> into) {
    while (families.next()) {
      if (families.type() == AF_INET) {
        AttributeReader four = families.nested();
        while (four.next()) {
          if (four.type() == IFLA_INET_CONF) {
            ByteBuffer all = ByteBuffer.wrap(four.copy()).order(ByteOrder.nativeOrder());
            for (DeviceSetting setting : DeviceSetting.values()) {
              int at = (setting.number() - 1) * Integer.BYTES;
              if (at + Integer.BYTES <= all.limit()) {
                into.put(setting, all.getInt(at));
              }
            }
          }
        }
      }
    }
  }

  /** The ends of a tunnel. */
  private record Ends(Optional<IpAddress> local, Optional<IpAddress> remote, boolean checksum) {
    static final Ends NONE = new Ends(Optional.empty(), Optional.empty(), false);

    static Ends read(String kind, AttributeReader in) {
      boolean gre = kind.equals("gre") || kind.equals("ip6gre");
      if (!gre && !kind.equals("ipip") && !kind.equals("sit") && !kind.equals("ip6tnl")) {
        return NONE;
      }
      Family family = kind.startsWith("ip6") ? Family.IPV6 : Family.IPV4;
      Ends ends = NONE;
      while (in.next()) {
        int type = in.type();
        if (type == (gre ? IFLA_GRE_LOCAL : IFLA_IPTUN_LOCAL)) {
          ends = new Ends(end(family, in), ends.remote, ends.checksum);
        } else if (type == (gre ? IFLA_GRE_REMOTE : IFLA_IPTUN_REMOTE)) {
          ends = new Ends(ends.local, end(family, in), ends.checksum);
        } else if (gre && type == IFLA_GRE_IFLAGS) {
          ends = new Ends(ends.local, ends.remote, (in.networkU16() & GRE_CSUM) != 0);
        }
      }
      return ends;
    }

    /** No address, and the one of zeroes, mean any. */
    private static Optional<IpAddress> end(Family family, AttributeReader in) {
      IpAddress address = RouteDecoder.read(family, in);
      return Optional.of(address).filter(one -> one.high() != 0 || one.low() != 0);
    }
  }

  static Optional<LinkAddress> address(ByteBuffer payload) {
    AttributeReader in = AttributeReader.after(payload, ADDRESS_HEADER);
    int start = payload.position();
    Optional<Family> family = family(payload.get(start));
    if (family.isEmpty()) {
      return Optional.empty();
    }
    int bits = bits(payload.get(start + 1), family.get());
    int flags = payload.get(start + 2) & 0xff;
    int link = payload.getInt(start + 4);
    Optional<IpAddress> address = Optional.empty();
    Optional<IpAddress> local = Optional.empty();
    while (in.next()) {
      switch (in.type()) {
        case IFA_ADDRESS -> address = Optional.of(read(family.get(), in));
        case IFA_LOCAL -> local = Optional.of(read(family.get(), in));
        case IFA_FLAGS -> flags = in.u32();
        default -> {}
      }
    }
    // Where both are there, IFA_ADDRESS is the other end of a point-to-point link.
    Optional<IpAddress> own = local.isPresent() ? local : address;
    if (own.isEmpty()) {
      throw new MalformedMessageException("address message without an address");
    }
    return Optional.of(new LinkAddress(link, own.get(), bits, flags));
  }

  static Optional<Route> route(ByteBuffer payload) {
    AttributeReader in = AttributeReader.after(payload, ROUTE_HEADER);
    int start = payload.position();
    Optional<Family> known = family(payload.get(start));
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Family family = known.get();
    int bits = bits(payload.get(start + 1), family);
    int table = payload.get(start + 4) & 0xff;
    int type = payload.get(start + 7) & 0xff;
    int link = 0;
    int metric = 0;
    Optional<IpAddress> destination = Optional.empty();
    Optional<IpAddress> gateway = Optional.empty();
    Optional<IpAddress> source = Optional.empty();
    while (in.next()) {
      switch (in.type()) {
        case RTA_DST -> destination = Optional.of(read(family, in));
        case RTA_OIF -> link = in.u32();
        case RTA_GATEWAY -> gateway = Optional.of(read(family, in));
        case RTA_PRIORITY -> metric = in.u32();
        case RTA_PREFSRC -> source = Optional.of(read(family, in));
        case RTA_TABLE -> table = in.u32();
        default -> {}
      }
    }
    return Optional.of(
        new Route(family, destination, bits, table, type, link, gateway, source, metric));
  }

  static Optional<Rule> rule(ByteBuffer payload) {
    AttributeReader in = AttributeReader.after(payload, ROUTE_HEADER);
    int start = payload.position();
    Optional<Family> known = family(payload.get(start));
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Family family = known.get();
    int destinationBits = bits(payload.get(start + 1), family);
    int sourceBits = bits(payload.get(start + 2), family);
    int table = payload.get(start + 4) & 0xff;
    int action = payload.get(start + 7) & 0xff;
    int priority = 0;
    int mark = 0;
    int mask = 0;
    String inbound = "";
    Optional<IpAddress> destination = Optional.empty();
    Optional<IpAddress> source = Optional.empty();
    while (in.next()) {
      switch (in.type()) {
        case FRA_DST -> destination = Optional.of(read(family, in));
        case FRA_SRC -> source = Optional.of(read(family, in));
        case FRA_IIFNAME -> inbound = in.string();
        case FRA_PRIORITY -> priority = in.u32();
        case FRA_FWMARK -> mark = in.u32();
        case FRA_FWMASK -> mask = in.u32();
        case FRA_TABLE -> table = in.u32();
        default -> {}
      }
    }
    return Optional.of(
        new Rule(
            family,
            priority,
            table,
            action,
            source,
            sourceBits,
            destination,
            destinationBits,
            mark,
            mask,
            inbound));
  }

  static Optional<Neighbour> neighbour(ByteBuffer payload) {
    AttributeReader in = AttributeReader.after(payload, ROUTE_HEADER);
    int start = payload.position();
    Optional<Family> family = family(payload.get(start));
    if (family.isEmpty()) {
      return Optional.empty();
    }
    int link = payload.getInt(start + 4);
    int state = payload.getShort(start + 8) & 0xffff;
    String hardware = "";
    Optional<IpAddress> address = Optional.empty();
    while (in.next()) {
      switch (in.type()) {
        case NDA_DST -> address = Optional.of(read(family.get(), in));
        case NDA_LLADDR -> hardware = HexFormat.ofDelimiter(":").formatHex(in.copy());
        default -> {}
      }
    }
    if (address.isEmpty()) {
      throw new MalformedMessageException("neighbour without an address");
    }
    return Optional.of(new Neighbour(link, address.get(), state, hardware));
  }

  private static Optional<Family> family(byte number) {
    for (Family family : Family.values()) {
      if (family.number() == number) {
        return Optional.of(family);
      }
    }
    return Optional.empty();
  }

  private static int bits(byte length, Family family) {
    int bits = length & 0xff;
    if (bits > family.bits()) {
      throw new MalformedMessageException("prefix of " + bits + " bits in " + family);
    }
    return bits;
  }

  private static IpAddress read(Family family, AttributeReader in) {
    return family == Family.IPV4
        ? new IpAddress(family, 0, in.networkU32() & 0xffffffffL)
        : new IpAddress(family, in.networkLong(0), in.networkLong(8));
  }
}
