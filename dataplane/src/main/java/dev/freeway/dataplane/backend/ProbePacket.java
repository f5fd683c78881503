package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The packets of a probe: a client's first one as a router sends it on, and what a server answers.
 * Pure: bytes in network order, from the IP header on.
 */
final class ProbePacket {
  static final int ETH_P_IP = 0x0800;
  static final int ETH_P_IPV6 = 0x86dd;

  private static final int ICMP = 1;
  private static final int IPIP = 4;
  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int IPV6 = 41;
  private static final int GRE = 47;
  private static final int ICMPV6 = 58;
  private static final int TTL = 64;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int ACK = 16;
  private static final int MSS_OPTION = 2;

  /** What the client could take; the answer names what the server can. */
  private static final int CLIENT_MSS = 8960;

  private ProbePacket() {}

  /**
   * Who asks whom.
   *
   * @param port of TCP; 0 for an echo request of ICMP
   * @param mark the client's port, or the request's identifier: 1 to 65535
   */
  record Question(IpAddress client, IpAddress service, int port, int mark) {
    Family family() {
      return service.family();
    }
  }

  /** What a server may answer. */
  sealed interface Answer {
    /** It echoes. */
    record Echo() implements Answer {}

    /** It takes the connection, and segments up to a size; 0 where it names none. */
    record Accepted(int segment) implements Answer {}

    /** Nobody listens there. */
    record Refused() implements Answer {}
  }

  static int etherType(Family family) {
    return family == Family.IPV4 ? ETH_P_IP : ETH_P_IPV6;
  }

  /** A client's packet. */
  static byte[] ask(Question question) {
    return question.port == 0 ? echo(question) : tcp(question, SYN, 1);
  }

  /** Ends the connection that an answer offered. */
  static byte[] end(Question question) {
    return tcp(question, RST, 2);
  }

  private static byte[] echo(Question question) {
    boolean four = question.family() == Family.IPV4;
    ByteBuffer body = ByteBuffer.allocate(8);
    body.put((byte) (four ? 8 : 128)).put((byte) 0).putShort((short) 0);
    body.putShort((short) question.mark).putShort((short) 1);
    long sum = four ? 0 : pseudo(question.client, question.service, ICMPV6, body.capacity());
    body.putShort(2, checksum(sum, body.array()));
    return ip(question.client, question.service, four ? ICMP : ICMPV6, body.array());
  }

  private static byte[] tcp(Question question, int flags, int sequence) {
    boolean syn = flags == SYN;
    ByteBuffer body = ByteBuffer.allocate(syn ? 24 : 20);
    body.putShort((short) question.mark).putShort((short) question.port);
    body.putInt(sequence).putInt(0);
    body.put((byte) ((body.capacity() / 4) << 4)).put((byte) flags).putShort((short) 65535);
    body.putInt(0);
    if (syn) {
      body.put((byte) MSS_OPTION).put((byte) 4).putShort((short) CLIENT_MSS);
    }
    long sum = pseudo(question.client, question.service, TCP, body.capacity());
    body.putShort(16, checksum(sum, body.array()));
    return ip(question.client, question.service, TCP, body.array());
  }

  /** A packet inside the outer header that a router puts before it. */
  static byte[] wrap(
      Encapsulation encapsulation,
      IpAddress router,
      IpAddress server,
      Family inner,
      byte[] packet) {
    int next = inner == Family.IPV4 ? IPIP : IPV6;
    return switch (encapsulation) {
      case Encapsulation.Ipip _ -> ip(router, server, next, packet);
      case Encapsulation.Gue gue -> {
        ByteBuffer body = ByteBuffer.allocate(8 + 4 + packet.length);
        body.putShort((short) gue.port()).putShort((short) gue.port());
        body.putShort((short) body.capacity()).putShort((short) 0);
        body.put((byte) 0).put((byte) next).putShort((short) 0).put(packet);
        long sum = pseudo(router, server, UDP, body.capacity());
        body.putShort(6, checksum(sum, body.array()));
        yield ip(router, server, UDP, body.array());
      }
      case Encapsulation.Gre gre -> {
        ByteBuffer body = ByteBuffer.allocate((gre.checksum() ? 8 : 4) + packet.length);
        body.putShort((short) (gre.checksum() ? 0x8000 : 0)).putShort((short) etherType(inner));
        if (gre.checksum()) {
          body.putInt(0).put(packet).putShort(4, checksum(0, body.array()));
        } else {
          body.put(packet);
        }
        yield ip(router, server, GRE, body.array());
      }
    };
  }

  private static byte[] ip(IpAddress from, IpAddress to, int protocol, byte[] body) {
    boolean four = to.family() == Family.IPV4;
    ByteBuffer packet = ByteBuffer.allocate((four ? 20 : 40) + body.length);
    if (four) {
      packet.putShort((short) 0x4500).putShort((short) packet.capacity()).putInt(0);
      packet.put((byte) TTL).put((byte) protocol).putShort((short) 0);
      from.put(packet);
      to.put(packet);
      packet.putShort(10, checksum(0, java.util.Arrays.copyOf(packet.array(), 20)));
    } else {
      packet.putInt(0x60000000).putShort((short) body.length);
      packet.put((byte) protocol).put((byte) TTL);
      from.put(packet);
      to.put(packet);
    }
    return packet.put(body).array();
  }

  private static long pseudo(IpAddress from, IpAddress to, int protocol, int length) {
    ByteBuffer addresses = ByteBuffer.allocate(from.family().bits() / 4);
    from.put(addresses);
    to.put(addresses);
    return sum(addresses.array()) + protocol + length;
  }

  private static long sum(byte[] bytes) {
    long sum = 0;
    for (int i = 0; i < bytes.length; i++) {
      sum += (long) (bytes[i] & 0xff) << (i % 2 == 0 ? 8 : 0);
    }
    return sum;
  }

  private static short checksum(long begun, byte[] bytes) {
    long sum = begun + sum(bytes);
    while (sum >>> 16 != 0) {
      sum = (sum & 0xffff) + (sum >>> 16);
    }
    return (short) ~sum;
  }

  /** What a packet answers to a question; empty when it is about something else. */
  static Optional<Answer> answer(Question question, ByteBuffer packet) {
    int start = packet.position();
    int length = packet.remaining();
    if (length < 20) {
      return Optional.empty();
    }
    boolean four = (packet.get(start) & 0xf0) == 0x40;
    int header = four ? (packet.get(start) & 0xf) * 4 : 40;
    if (four != (question.family() == Family.IPV4) || header < 20 || length < header + 8) {
      return Optional.empty();
    }
    int protocol = packet.get(start + (four ? 9 : 6)) & 0xff;
    int from = start + (four ? 12 : 8);
    int to = from + question.family().bits() / 8;
    if (!question.service.equals(read(question.family(), packet, from))
        || !question.client.equals(read(question.family(), packet, to))) {
      return Optional.empty();
    }
    int body = start + header;
    return question.port == 0
        ? echoed(question, packet, body, protocol)
        : spoken(question, packet, body, length - header, protocol);
  }

  private static Optional<Answer> echoed(
      Question question, ByteBuffer packet, int body, int protocol) {
    int type = packet.get(body) & 0xff;
    boolean reply = protocol == ICMP ? type == 0 : protocol == ICMPV6 && type == 129;
    return reply && (packet.getShort(body + 4) & 0xffff) == question.mark
        ? Optional.of(new Answer.Echo())
        : Optional.empty();
  }

  private static Optional<Answer> spoken(
      Question question, ByteBuffer packet, int body, int length, int protocol) {
    if (protocol != TCP
        || length < 20
        || (packet.getShort(body) & 0xffff) != question.port
        || (packet.getShort(body + 2) & 0xffff) != question.mark) {
      return Optional.empty();
    }
    int flags = packet.get(body + 13);
    if ((flags & RST) != 0) {
      return Optional.of(new Answer.Refused());
    }
    return (flags & (SYN | ACK)) == (SYN | ACK)
        ? Optional.of(new Answer.Accepted(segment(packet, body, length)))
        : Optional.empty();
  }

  /** The maximum segment size among TCP's options. */
  private static int segment(ByteBuffer packet, int body, int length) {
    int end = body + Math.min(length, ((packet.get(body + 12) >> 4) & 0xf) * 4);
    int at = body + 20;
    while (at < end) {
      int kind = packet.get(at);
      if (kind == 0) {
        return 0;
      }
      if (kind == 1) {
        at++;
        continue;
      }
      if (at + 2 > end) {
        return 0;
      }
      int size = packet.get(at + 1) & 0xff;
      if (size < 2 || at + size > end) {
        return 0;
      }
      if (kind == MSS_OPTION && size == 4) {
        return packet.getShort(at + 2) & 0xffff;
      }
      at += size;
    }
    return 0;
  }

  private static IpAddress read(Family family, ByteBuffer packet, int at) {
    return family == Family.IPV4
        ? new IpAddress(family, 0, packet.getInt(at) & 0xffffffffL)
        : new IpAddress(family, packet.getLong(at), packet.getLong(at + 8));
  }
}
