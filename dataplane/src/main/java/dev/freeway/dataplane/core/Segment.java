package dev.freeway.dataplane.core;

import java.util.Comparator;
import java.util.regex.Pattern;

/**
 * A layer-2 network that a machine is on: neighbours ask there for the addresses of its prefix.
 *
 * @param prefix of the machine's own address on it
 * @param hardware the MAC address that the machine answers with, as {@code 02:00:0a:01:00:02}
 */
public record Segment(Prefix prefix, String hardware) implements Comparable<Segment> {
  private static final Pattern HARDWARE = Pattern.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}");
  private static final Comparator<Segment> ORDER =
      Comparator.comparing((Segment segment) -> segment.prefix.address())
          .thenComparingInt(segment -> segment.prefix.bits())
          .thenComparing(Segment::hardware);

  public Segment {
    if (!HARDWARE.matcher(hardware).matches()) {
      throw new IllegalArgumentException(
          "\"" + hardware + "\": expected a MAC address such as 02:00:0a:01:00:02");
    }
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws IllegalArgumentException when the text is no segment
   */
  public static Segment parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\": expected a segment such as 10.1.0.0/24@02:00:0a:01:00:02");
    }
    return new Segment(Prefix.parse(text.substring(0, at)), text.substring(at + 1));
  }

  @Override
  public int compareTo(Segment other) {
    return ORDER.compare(this, other);
  }

  /** For example {@code 10.1.0.0/24@02:00:0a:01:00:02}. */
  @Override
  public String toString() {
    return prefix + "@" + hardware;
  }
}
