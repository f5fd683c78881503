package dev.freeway.dataplane.core;

import java.util.Collections;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeSet;

/**
 * What a router offers on layer-2 networks.
 *
 * @param segments the networks that it answers on
 * @param unable the services' addresses that it cannot serve, though others may
 */
public record Offer(SortedSet<Segment> segments, SortedSet<IpAddress> unable) {
  /** Of a router that answers nowhere. */
  public static final Offer NONE =
      new Offer(Collections.emptySortedSet(), Collections.emptySortedSet());

  private static final char UNABLE = '-';

  public Offer {
    segments = Collections.unmodifiableSortedSet(new TreeSet<>(segments));
    unable = Collections.unmodifiableSortedSet(new TreeSet<>(unable));
  }

  /** Of a router that can serve everything. */
  public Offer(SortedSet<Segment> segments) {
    this(segments, Collections.emptySortedSet());
  }

  public boolean isEmpty() {
    return segments.isEmpty();
  }

  /**
   * The same with what one word of {@link #toString} says.
   *
   * @throws IllegalArgumentException when it says nothing of the kind
   */
  public Offer with(String word) {
    TreeSet<Segment> more = new TreeSet<>(segments);
    TreeSet<IpAddress> less = new TreeSet<>(unable);
    if (!word.isEmpty() && word.charAt(0) == UNABLE) {
      less.add(IpAddress.parse(word.substring(1)));
    } else {
      more.add(Segment.parse(word));
    }
    return new Offer(more, less);
  }

  /** For example {@code 10.1.0.0/24@02:00:0a:01:00:02 -10.1.0.9}; empty for none. */
  @Override
  public String toString() {
    StringJoiner words = new StringJoiner(" ");
    if (!isEmpty()) {
      segments.forEach(segment -> words.add(segment.toString()));
      unable.forEach(address -> words.add(UNABLE + address.toString()));
    }
    return words.toString();
  }
}
