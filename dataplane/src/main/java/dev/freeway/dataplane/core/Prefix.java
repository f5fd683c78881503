package dev.freeway.dataplane.core;

import java.util.ArrayList;
import java.util.List;

/**
 * A range of addresses in CIDR notation.
 *
 * @param address its first address: no bits are set beyond the prefix
 * @param bits the prefix's length
 */
public record Prefix(IpAddress address, int bits) {
  public Prefix {
    int all = address.family().bits();
    if (bits < 0 || bits > all) {
      throw new IllegalArgumentException("prefix length " + bits + ": expected 0 to " + all);
    }
    if (!masked(address, bits).equals(address)) {
      throw new IllegalArgumentException(
          "\""
              + address
              + "/"
              + bits
              + "\": expected no bits beyond the prefix, that is "
              + masked(address, bits)
              + "/"
              + bits);
    }
  }

  /** Reads {@code 10.0.0.0/24}, {@code 2001:db8::/64}, or one address. */
  public static Prefix parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      IpAddress one = IpAddress.parse(text);
      return new Prefix(one, one.family().bits());
    }
    int bits;
    try {
      bits = Integer.parseInt(text.substring(slash + 1));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "\"" + text + "\": expected a range such as 10.0.0.0/24 or 2001:db8::/64", e);
    }
    return new Prefix(IpAddress.parse(text.substring(0, slash)), bits);
  }

  /**
   * Reads what {@link #parse} reads, or a range such as {@code 10.0.0.8-10.0.0.15}, as the fewest
   * prefixes that make it up.
   *
   * @throws IllegalArgumentException when the text is neither, or ends before it begins
   */
  public static List<Prefix> range(String text) {
    int dash = text.indexOf('-');
    if (dash < 0) {
      return List.of(parse(text));
    }
    IpAddress next = IpAddress.parse(text.substring(0, dash).strip());
    IpAddress last = IpAddress.parse(text.substring(dash + 1).strip());
    if (next.family() != last.family() || next.compareTo(last) > 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\": expected two addresses of one family, the lower one first");
    }
    List<Prefix> prefixes = new ArrayList<>();
    while (true) {
      int bits = next.family().bits();
      while (bits > 0
          && masked(next, bits - 1).equals(next)
          && new Prefix(next, bits - 1).last().compareTo(last) <= 0) {
        bits--;
      }
      Prefix widest = new Prefix(next, bits);
      prefixes.add(widest);
      if (widest.last().compareTo(last) >= 0) {
        return prefixes;
      }
      next = widest.last().next();
    }
  }

  /** Its highest address. */
  public IpAddress last() {
    if (address.family() == Family.IPV4) {
      long hosts = bits == 0 ? 0xffffffffL : 0xffffffffL >>> bits;
      return new IpAddress(Family.IPV4, 0, address.low() | hosts);
    }
    long high = bits >= 64 ? 0 : bits == 0 ? -1L : -1L >>> bits;
    long low = bits <= 64 ? -1L : bits == 128 ? 0 : -1L >>> (bits - 64);
    return new IpAddress(Family.IPV6, address.high() | high, address.low() | low);
  }

  /** The range of a length that an address lies in. */
  public static Prefix around(IpAddress address, int bits) {
    return new Prefix(masked(address, bits), bits);
  }

  /** Whether an address lies in the range. */
  public boolean contains(IpAddress other) {
    return other.family() == address.family() && masked(other, bits).equals(address);
  }

  private static IpAddress masked(IpAddress address, int bits) {
    if (address.family() == Family.IPV4) {
      long mask = bits == 0 ? 0 : -1L << (32 - bits) & 0xffffffffL;
      return new IpAddress(Family.IPV4, 0, address.low() & mask);
    }
    long high = bits == 0 ? 0 : bits >= 64 ? -1L : -1L << (64 - bits);
    long low = bits <= 64 ? 0 : -1L << (128 - bits);
    return new IpAddress(Family.IPV6, address.high() & high, address.low() & low);
  }

  @Override
  public String toString() {
    return address + "/" + bits;
  }
}
