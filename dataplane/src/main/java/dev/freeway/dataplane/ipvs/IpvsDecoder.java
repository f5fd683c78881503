package dev.freeway.dataplane.ipvs;

import static dev.freeway.dataplane.ipvs.IpvsNumbers.*;

import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.netlink.AttributeReader;
import dev.freeway.dataplane.netlink.GenericFamily;
import dev.freeway.dataplane.netlink.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's messages to observed values. Bytes that are no such message end in a {@link
 * MalformedMessageException} and in nothing else.
 */
final class IpvsDecoder {
  private IpvsDecoder() {}

  /** One of the two threads of connection synchronisation. */
  static String daemon(ByteBuffer payload) {
    AttributeReader in = nest(payload, ATTR_DAEMON);
    String role = "";
    String link = "";
    while (in.next()) {
      switch (in.type()) {
        case DAEMON_STATE -> role = in.u32() == STATE_MASTER ? "master" : "backup";
        case DAEMON_LINK -> link = in.string();
        default -> {}
      }
    }
    if (role.isEmpty()) {
      throw new MalformedMessageException("a daemon without a state");
    }
    return role + " on " + link;
  }

  static ListedService service(ByteBuffer payload) {
    AttributeReader in = nest(payload, ATTR_SERVICE);
    int af = 0;
    int protocol = 0;
    Optional<IpAddress> four = Optional.empty();
    Optional<IpAddress> sixteen = Optional.empty();
    int port = 0;
    int mark = 0;
    String scheduler = "";
    int flags = 0;
    int timeout = 0;
    int hostMask = 0;
    int networkMask = 0;
    String engine = "";
    Optional<AttributeReader> narrow = Optional.empty();
    Optional<AttributeReader> wide = Optional.empty();
    while (in.next()) {
      switch (in.type()) {
        case SVC_AF -> af = in.u16();
        case SVC_PROTOCOL -> protocol = in.u16();
        case SVC_ADDR -> {
          four = address(Family.IPV4, in);
          sixteen = address(Family.IPV6, in);
        }
        case SVC_PORT -> port = in.networkU16();
        case SVC_FWMARK -> mark = in.u32();
        case SVC_SCHED_NAME -> scheduler = in.string();
        case SVC_FLAGS -> flags = in.u32();
        case SVC_TIMEOUT -> timeout = in.u32();
        case SVC_NETMASK -> {
          hostMask = in.u32();
          networkMask = in.networkU32();
        }
        case SVC_PE_NAME -> engine = in.string();
        case SVC_STATS -> narrow = Optional.of(in.nested());
        case SVC_STATS64 -> wide = Optional.of(in.nested());
        default -> {}
      }
    }
    Family family = family(af);
    IpAddress unspecified = new IpAddress(family, 0, 0);
    IpAddress address = (family == Family.IPV4 ? four : sixteen).orElse(unspecified);
    if (mark == 0 && (family == Family.IPV4 ? four : sixteen).isEmpty()) {
      throw new MalformedMessageException("service without an address or a firewall mark");
    }
    int bits = family == Family.IPV4 ? Integer.bitCount(networkMask) : hostMask;
    if (bits < 0 || bits > family.bits()) {
      throw new MalformedMessageException("persistence prefix " + bits + " of " + family);
    }
    Optional<VirtualService> value = Optional.empty();
    if (mark == 0 && balanced(protocol)) {
      value =
          Optional.of(
              new VirtualService(
                  new ServiceKey(Protocol.of(protocol), address, port),
                  new Scheduler(scheduler, (flags & FLAG_SCHED1) != 0, (flags & FLAG_SCHED2) != 0),
                  (flags & FLAG_PERSISTENT) == 0 ? 0 : clamp(timeout),
                  bits,
                  (flags & FLAG_ONEPACKET) != 0));
    }
    return new ListedService(
        new ServiceIdentity(family, mark, protocol, address, port),
        new ObservedService(
            family, mark, value, scheduler, flags, engine, statistics(narrow, wide), List.of()));
  }

  /**
   * A destination.
   *
   * @param service the family of its service: before Linux 3.18 the destination's own is not said
   */
  static ObservedDestination destination(Family service, ByteBuffer payload) {
    AttributeReader in = nest(payload, ATTR_DEST);
    Family family = service;
    Optional<IpAddress> four = Optional.empty();
    Optional<IpAddress> sixteen = Optional.empty();
    int port = 0;
    int forwarding = 0;
    int weight = 0;
    int upper = 0;
    int lower = 0;
    int active = 0;
    int inactive = 0;
    int persistent = 0;
    int tunnelType = TUNNEL_IPIP;
    int tunnelPort = 0;
    int tunnelFlags = 0;
    Optional<AttributeReader> narrow = Optional.empty();
    Optional<AttributeReader> wide = Optional.empty();
    while (in.next()) {
      switch (in.type()) {
        case DEST_ADDR -> {
          four = address(Family.IPV4, in);
          sixteen = address(Family.IPV6, in);
        }
        case DEST_PORT -> port = in.networkU16();
        case DEST_FWD_METHOD -> forwarding = in.u32();
        case DEST_WEIGHT -> weight = in.u32();
        case DEST_U_THRESH -> upper = in.u32();
        case DEST_L_THRESH -> lower = in.u32();
        case DEST_ACTIVE_CONNS -> active = in.u32();
        case DEST_INACT_CONNS -> inactive = in.u32();
        case DEST_PERSIST_CONNS -> persistent = in.u32();
        case DEST_ADDR_FAMILY -> family = family(in.u16());
        case DEST_TUN_TYPE -> tunnelType = in.u8();
        case DEST_TUN_PORT -> tunnelPort = in.networkU16();
        case DEST_TUN_FLAGS -> tunnelFlags = in.u16();
        case DEST_STATS -> narrow = Optional.of(in.nested());
        case DEST_STATS64 -> wide = Optional.of(in.nested());
        default -> {}
      }
    }
    DestinationKey key =
        new DestinationKey(
            (family == Family.IPV4 ? four : sixteen)
                .orElseThrow(() -> new MalformedMessageException("destination without an address")),
            port);
    try {
      Forwarding method = Forwarding.of(forwarding);
      Encapsulation encapsulation =
          method == Forwarding.TUNNEL
              ? encapsulation(tunnelType, tunnelPort, tunnelFlags)
              : Encapsulation.IPIP;
      return new ObservedDestination(
          new Destination(key, method, encapsulation, weight, clamp(upper), clamp(lower)),
          clamp(active),
          clamp(inactive),
          clamp(persistent),
          statistics(narrow, wide));
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException("destination " + key + ": " + e.getMessage());
    }
  }

  private static Encapsulation encapsulation(int type, int port, int flags) {
    boolean remote = (flags & TUNNEL_REMOTE_CHECKSUM) != 0;
    boolean checksum = (flags & TUNNEL_CHECKSUM) != 0;
    return switch (type) {
      case TUNNEL_IPIP -> Encapsulation.IPIP;
      // The kernel takes both flags at once and fills in the checksum by the remote's leave.
      case TUNNEL_GUE -> new Encapsulation.Gue(port, checksum && !remote, remote);
      case TUNNEL_GRE -> new Encapsulation.Gre(checksum);
      default -> throw new IllegalArgumentException("tunnel type " + type + ": expected 0 to 2");
    };
  }

  /** Since Linux 4.1 there are both, and the wide ones say all. */
  private static Statistics statistics(
      Optional<AttributeReader> narrow, Optional<AttributeReader> wide) {
    return wide.or(() -> narrow).map(IpvsDecoder::statistics).orElse(Statistics.NONE);
  }

  /** Both forms, {@code STATS} with 32-bit and {@code STATS64} with 64-bit numbers. */
  static Statistics statistics(AttributeReader in) {
    long[] numbers = new long[11];
    while (in.next()) {
      if (in.type() >= 1 && in.type() <= 10) {
        numbers[in.type()] = in.length() >= 8 ? in.u64() : in.u32() & 0xffffffffL;
      }
    }
    return new Statistics(
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
        numbers[5],
        numbers[6],
        numbers[7],
        numbers[8],
        numbers[9],
        numbers[10]);
  }

  /** The nest of a number within a message's top level. */
  static AttributeReader nest(ByteBuffer payload, int type) {
    AttributeReader top = AttributeReader.after(payload, GenericFamily.HEADER_BYTES);
    while (top.next()) {
      if (top.type() == type) {
        return top.nested();
      }
    }
    throw new MalformedMessageException("IPVS message without attribute " + type);
  }

  static Optional<IpAddress> address(Family family, AttributeReader in) {
    if (in.length() < family.bits() / 8) {
      return Optional.empty();
    }
    return Optional.of(
        family == Family.IPV4
            ? new IpAddress(family, 0, in.networkU32() & 0xffffffffL)
            : new IpAddress(family, in.networkLong(0), in.networkLong(8)));
  }

  static Family family(int number) {
    for (Family family : Family.values()) {
      if (family.number() == number) {
        return family;
      }
    }
    throw new MalformedMessageException("address family " + number + ": expected 2 or 10");
  }

  private static boolean balanced(int protocol) {
    for (Protocol known : Protocol.values()) {
      if (known.number() == protocol) {
        return true;
      }
    }
    return false;
  }

  /** An unsigned 32-bit number where ours is an int. */
  private static int clamp(int unsigned) {
    return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
  }
}
