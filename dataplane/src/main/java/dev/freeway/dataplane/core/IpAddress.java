package dev.freeway.dataplane.core;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address as two machine words, so that a table of a hundred thousand stays small.
 *
 * @param family the address family
 * @param high the first 64 bits of an IPv6 address; 0 for IPv4
 * @param low the last 64 bits of an IPv6 address; the 32 bits of an IPv4 address, zero-extended
 */
public record IpAddress(Family family, long high, long low) implements Comparable<IpAddress> {

  public IpAddress {
    if (family == Family.IPV4 && (high != 0 || low >>> 32 != 0)) {
      throw new IllegalArgumentException("an IPv4 address has 32 bits");
    }
  }

  /**
   * Reads a literal such as {@code 10.0.0.1} or {@code 2001:db8::1}; never asks DNS.
   *
   * @throws IllegalArgumentException when the text is no literal of either family
   */
  public static IpAddress parse(String text) {
    if (text.indexOf('%') >= 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\": expected an address without a zone, such as 2001:db8::1");
    }
    if (text.indexOf(':') >= 0) {
      return parse6(text);
    }
    return new IpAddress(Family.IPV4, 0, parse4(text));
  }

  private static long parse4(String text) {
    long bits = 0;
    int octets = 0;
    int octet = -1;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : '.';
      if (c >= '0' && c <= '9') {
        if (octet == 0) {
          throw notAnAddress(text); // a leading zero is octal to some programs
        }
        octet = (octet < 0 ? 0 : octet * 10) + (c - '0');
        if (octet > 255) {
          throw notAnAddress(text);
        }
      } else if (c == '.' && octet >= 0) {
        bits = bits << 8 | octet;
        octets++;
        octet = -1;
      } else {
        throw notAnAddress(text);
      }
    }
    if (octets != 4) {
      throw notAnAddress(text);
    }
    return bits;
  }

  private static IpAddress parse6(String text) {
    try {
      byte[] bytes = InetAddress.ofLiteral(text).getAddress();
      if (bytes.length == 4) { // an IPv4-mapped literal; the JDK unwraps it
        ByteBuffer four = ByteBuffer.wrap(bytes);
        return new IpAddress(Family.IPV4, 0, four.getInt() & 0xffffffffL);
      }
      ByteBuffer sixteen = ByteBuffer.wrap(bytes);
      return new IpAddress(Family.IPV6, sixteen.getLong(), sixteen.getLong());
    } catch (IllegalArgumentException e) {
      throw notAnAddress(text);
    }
  }

  private static IllegalArgumentException notAnAddress(String text) {
    return new IllegalArgumentException(
        "\"" + text + "\": expected an address such as 10.0.0.1 or 2001:db8::1");
  }

  /** Writes 4 or 16 bytes in network order, without allocating. */
  public void put(ByteBuffer out) {
    if (family == Family.IPV4) {
      int bits = (int) low;
      out.putInt(out.order() == ByteOrder.BIG_ENDIAN ? bits : Integer.reverseBytes(bits));
    } else {
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.put((byte) (high >>> shift));
      }
      for (int shift = 56; shift >= 0; shift -= 8) {
        out.put((byte) (low >>> shift));
      }
    }
  }

  /** The next higher address; after the highest one comes the lowest. */
  public IpAddress next() {
    if (family == Family.IPV4) {
      return new IpAddress(family, 0, (low + 1) & 0xffffffffL);
    }
    return new IpAddress(family, low == -1 ? high + 1 : high, low + 1);
  }

  /** Whether packets can be sent to one host at this address: not multicast, not unspecified. */
  public boolean isUnicast() {
    if (family == Family.IPV4) {
      long first = low >>> 24;
      return first != 0 && first < 224;
    }
    return high >>> 56 != 0xff && (high | low) != 0;
  }

  /** Whether this is an IPv6 link-local address (fe80::/10). */
  public boolean isLinkLocal6() {
    return family == Family.IPV6 && high >>> 54 == 0x3fa;
  }

  @Override
  public int compareTo(IpAddress other) {
    int byFamily = family.compareTo(other.family);
    if (byFamily != 0) {
      return byFamily;
    }
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  // What a record does by itself, written out: the JVM's first compiler does not inline the methods
  // that are made for records, and sets of addresses are compared at every look at the table.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpAddress address
        && low == address.low
        && high == address.high
        && family == address.family;
  }

  @Override
  public int hashCode() {
    return (Long.hashCode(high) * 31 + Long.hashCode(low)) * 31 + family.bits();
  }

  /** The address as the kernel's own tools print it: dotted quad, or RFC 5952. */
  @Override
  public String toString() {
    if (family == Family.IPV4) {
      return (low >>> 24) + "." + (low >>> 16 & 255) + "." + (low >>> 8 & 255) + "." + (low & 255);
    }
    return Rfc5952.format(high, low);
  }

  /** The address with its port: {@code 10.0.0.1:80} or {@code [2001:db8::1]:80}. */
  public String withPort(int port) {
    return family == Family.IPV4 ? this + ":" + port : "[" + this + "]:" + port;
  }

  /** The JDK's address, without its zone. */
  public static IpAddress of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return bytes.remaining() == Integer.BYTES
        ? new IpAddress(Family.IPV4, 0, Integer.toUnsignedLong(bytes.getInt()))
        : new IpAddress(Family.IPV6, bytes.getLong(), bytes.getLong());
  }

  /** The address as one word in host order, the words of an IPv6 one XORed: what IPVS hashes. */
  public int folded() {
    int first = (int) (high >>> 32);
    return family == Family.IPV4 ? (int) low : first ^ (int) high ^ (int) (low >>> 32) ^ (int) low;
  }

  /** The same address as the JDK's type. */
  public InetAddress toInetAddress() {
    byte[] bytes = new byte[family.bits() / 8];
    put(ByteBuffer.wrap(bytes));
    try {
      return family == Family.IPV4
          ? InetAddress.getByAddress(bytes)
          : Inet6Address.getByAddress(null, bytes, -1);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError("4 or 16 bytes are always an address", e);
    }
  }
}
