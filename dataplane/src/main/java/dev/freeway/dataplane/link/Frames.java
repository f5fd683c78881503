package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Ethernet frames by which neighbours learn, and are asked, who answers for an address: pure. ARP
 * by RFC 826 and RFC 5227, neighbour discovery by RFC 4861.
 */
final class Frames {
  private static final HexFormat HARDWARE = HexFormat.ofDelimiter(":");
  private static final String EVERYBODY = "ff:ff:ff:ff:ff:ff";
  private static final String NOBODY = "00:00:00:00:00:00";
  private static final String ALL_NODES_HARDWARE = "33:33:00:00:00:01";
  private static final IpAddress ALL_NODES = IpAddress.parse("ff02::1");
  private static final IpAddress UNSPECIFIED4 = IpAddress.parse("0.0.0.0");
  private static final IpAddress UNSPECIFIED6 = IpAddress.parse("::");

  private static final int ETHERNET = 14;
  private static final int ARP_BYTES = 28;
  private static final int ETHERTYPE_ARP = 0x0806;
  private static final int ETHERTYPE_IPV6 = 0x86dd;
  private static final int REQUEST = 1;
  private static final int REPLY = 2;
  private static final int IPV6_HEADER = 40;
  private static final int ICMPV6 = 58;
  private static final int HOP_LIMIT = 255; // whatever came through a router has less
  private static final int SOLICITATION = 135;
  private static final int ADVERTISEMENT = 136;
  private static final int OVERRIDE = 0x20000000;
  private static final int TARGET_HARDWARE = 2;

  private Frames() {}

  /**
   * What makes every neighbour take a new MAC address for an address at once. Of ARP both forms:
   * some take only requests, others only replies; of a reply the kernel wants our own MAC address
   * as the target's too (arp_is_garp).
   */
  static List<byte[]> taken(IpAddress address, String hardware) {
    return address.family() == Family.IPV4
        ? List.of(
            arp(REQUEST, hardware, address, NOBODY, address),
            arp(REPLY, hardware, address, hardware, address))
        : List.of(advertisement(address, hardware));
  }

  /** Asks who answers for an address, and tells nobody anything (RFC 5227, RFC 4862). */
  static byte[] probe(IpAddress address, String hardware) {
    return address.family() == Family.IPV4
        ? arp(REQUEST, hardware, UNSPECIFIED4, NOBODY, address)
        : solicitation(address, hardware);
  }

  private static byte[] arp(
      int operation, String sender, IpAddress from, String target, IpAddress of) {
    byte[] frame = new byte[ETHERNET + ARP_BYTES];
    ByteBuffer out = ethernet(frame, EVERYBODY, sender, ETHERTYPE_ARP);
    out.putShort((short) 1); // Ethernet
    out.putShort((short) 0x0800); // IPv4
    out.put((byte) 6).put((byte) 4);
    out.putShort((short) operation);
    out.put(bytes(sender));
    from.put(out);
    out.put(bytes(target));
    of.put(out);
    return frame;
  }

  private static byte[] advertisement(IpAddress address, String hardware) {
    byte[] message = new byte[32];
    ByteBuffer out = ByteBuffer.wrap(message);
    out.put((byte) ADVERTISEMENT).put((byte) 0).putShort((short) 0);
    out.putInt(OVERRIDE); // nobody asked, and it replaces what was known
    address.put(out);
    out.put((byte) TARGET_HARDWARE).put((byte) 1).put(bytes(hardware));
    return icmp(ALL_NODES_HARDWARE, hardware, address, ALL_NODES, message);
  }

  private static byte[] solicitation(IpAddress address, String hardware) {
    int last = (int) address.low() & 0xffffff;
    IpAddress group = // ff02::1:ff00:0/104, RFC 4291
        new IpAddress(Family.IPV6, 0xff02L << 48, 0x1_ff00_0000L | last);
    String groupHardware =
        "33:33:ff:%02x:%02x:%02x".formatted(last >> 16, last >> 8 & 255, last & 255);
    byte[] message = new byte[24];
    ByteBuffer out = ByteBuffer.wrap(message);
    out.put((byte) SOLICITATION).put((byte) 0).putShort((short) 0).putInt(0);
    address.put(out);
    return icmp(groupHardware, hardware, UNSPECIFIED6, group, message);
  }

  private static byte[] icmp(
      String toHardware, String fromHardware, IpAddress from, IpAddress to, byte[] message) {
    byte[] frame = new byte[ETHERNET + IPV6_HEADER + message.length];
    ByteBuffer out = ethernet(frame, toHardware, fromHardware, ETHERTYPE_IPV6);
    out.putInt(6 << 28);
    out.putShort((short) message.length);
    out.put((byte) ICMPV6).put((byte) HOP_LIMIT);
    from.put(out);
    to.put(out);
    out.put(message);
    out.putShort(ETHERNET + IPV6_HEADER + 2, (short) checksum(from, to, message));
    return frame;
  }

  /** Over the pseudo header and the message (RFC 8200, 8.1). */
  private static int checksum(IpAddress from, IpAddress to, byte[] message) {
    ByteBuffer all = ByteBuffer.allocate(IPV6_HEADER + message.length);
    from.put(all);
    to.put(all);
    all.putInt(message.length).putInt(ICMPV6).put(message).flip();
    long sum = 0;
    while (all.remaining() >= 2) {
      sum += all.getShort() & 0xffff;
    }
    while (sum >> 16 != 0) {
      sum = (sum & 0xffff) + (sum >> 16);
    }
    return (int) ~sum & 0xffff;
  }

  private static ByteBuffer ethernet(byte[] frame, String to, String from, int type) {
    return ByteBuffer.wrap(frame).put(bytes(to)).put(bytes(from)).putShort((short) type);
  }

  private static byte[] bytes(String hardware) {
    return HARDWARE.parseHex(hardware);
  }

  /** That somebody answers for an address. */
  record Claim(IpAddress address, String hardware) {}

  /** What a frame claims; nothing when it is another one, whatever its bytes. */
  static Optional<Claim> claim(byte[] frame) {
    ByteBuffer in = ByteBuffer.wrap(frame);
    if (frame.length < ETHERNET) {
      return Optional.empty();
    }
    return switch (in.getShort(12) & 0xffff) {
      case ETHERTYPE_ARP -> arpClaim(in);
      case ETHERTYPE_IPV6 -> advertisementClaim(in);
      default -> Optional.empty();
    };
  }

  /** Of an ARP message of either kind its sender is one that answers, but for a probe. */
  private static Optional<Claim> arpClaim(ByteBuffer in) {
    if (in.limit() < ETHERNET + ARP_BYTES
        || in.getInt(ETHERNET) != 0x0001_0800
        || in.getShort(ETHERNET + 4) != 0x0604) {
      return Optional.empty();
    }
    long sender = in.getInt(ETHERNET + 14) & 0xffffffffL;
    return sender == 0
        ? Optional.empty()
        : Optional.of(new Claim(new IpAddress(Family.IPV4, 0, sender), hardware(in, ETHERNET + 8)));
  }

  private static Optional<Claim> advertisementClaim(ByteBuffer in) {
    int message = ETHERNET + IPV6_HEADER;
    if (in.limit() < message + 24
        || in.get(ETHERNET + 6) != ICMPV6
        || (in.get(ETHERNET + 7) & 0xff) != HOP_LIMIT
        || (in.get(message) & 0xff) != ADVERTISEMENT) {
      return Optional.empty();
    }
    IpAddress target =
        new IpAddress(Family.IPV6, in.getLong(message + 8), in.getLong(message + 16));
    boolean named =
        in.limit() >= message + 32
            && in.get(message + 24) == TARGET_HARDWARE
            && in.get(message + 25) == 1;
    return Optional.of(new Claim(target, hardware(in, named ? message + 26 : 6)));
  }

  private static String hardware(ByteBuffer in, int at) {
    byte[] bytes = new byte[6];
    in.get(at, bytes);
    return HARDWARE.formatHex(bytes);
  }
}
