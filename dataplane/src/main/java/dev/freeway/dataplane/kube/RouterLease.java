package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Segment;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a router's Lease says.
 *
 * @param router its name
 * @param segments the layer-2 networks that it answers on; none where every router answers
 */
record RouterLease(String router, SortedSet<Segment> segments) {
  /** The annotation that holds the segments, with a space between them. */
  static final String SEGMENTS = "freeway.dev/segments";

  RouterLease {
    segments = Collections.unmodifiableSortedSet(new TreeSet<>(segments));
  }

  /** What is no segment is another version's, and left out. */
  static RouterLease of(String router, String annotation) {
    TreeSet<Segment> segments = new TreeSet<>();
    for (String word : annotation.split(" ", -1)) {
      try {
        segments.add(Segment.parse(word));
      } catch (IllegalArgumentException _) {
        // left out
      }
    }
    return new RouterLease(router, segments);
  }

  /** The annotation's value. */
  static String text(SortedSet<Segment> segments) {
    return segments.stream().map(Segment::toString).collect(Collectors.joining(" "));
  }
}
