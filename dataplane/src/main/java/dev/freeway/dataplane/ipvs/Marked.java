package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.Family;

/**
 * A service of ours by firewall mark: it leads packets with its mark, wherever they are to go, to
 * one destination by that one's forwarding method. So a check goes the way of a client's packets.
 *
 * @param number tells it from others, 0 to {@link #MOST} - 1
 * @param family of the packets
 * @param to where they are led
 */
public record Marked(int number, Family family, Destination to) {
  /** So many there can be. */
  public static final int MOST = 65_536;

  /** Marks of ours have all but 16 bits so; kube-proxy's 0x4000 and 0x8000 are not set in them. */
  private static final int OURS = 0x4654_0000;

  private static final int FIXED = 0xfffc_c000;
  private static final int LOW = 0x3fff;
  private static final int LOW_BITS = 14;
  private static final int HIGH_SHIFT = 16;

  public Marked {
    if (number < 0 || number >= MOST) {
      throw new IllegalArgumentException("number " + number + ": expected 0 to " + (MOST - 1));
    }
  }

  /** The firewall mark. */
  public int mark() {
    return OURS | (number >>> LOW_BITS) << HIGH_SHIFT | (number & LOW);
  }

  /** Whether a firewall mark is one of ours. */
  static boolean isOurs(int mark) {
    return (mark & FIXED) == OURS;
  }

  /** What the table finds it by. */
  public Key key() {
    return new Key(mark(), family);
  }

  /** What the table finds one by. */
  public record Key(int mark, Family family) {}
}
