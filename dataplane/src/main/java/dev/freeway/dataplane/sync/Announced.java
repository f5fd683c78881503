package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Segment;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who answers neighbours for the services' addresses, as this machine sees it.
 *
 * @param segments the layer-2 networks that it is on
 * @param addresses those of services, each with who answers for it; none where every router does
 */
public record Announced(SortedSet<Segment> segments, SortedMap<IpAddress, Answerer> addresses) {
  /** Every router answers for everything. */
  public static final Announced NONE =
      new Announced(Collections.emptySortedSet(), Collections.emptySortedMap());

  /**
   * Who answers for an address.
   *
   * @param link of this machine where neighbours ask for it; empty when it is on no such network
   * @param here whether this machine answers
   * @param router the name of the one that is to; empty when that is not known
   */
  public record Answerer(String link, boolean here, String router) {}

  public Announced {
    segments = Collections.unmodifiableSortedSet(new TreeSet<>(segments));
    addresses = Collections.unmodifiableSortedMap(new TreeMap<>(addresses));
  }

  /** How many addresses this machine answers for, or holds silently. */
  public long count(boolean here) {
    return addresses.values().stream().filter(one -> one.here() == here).count();
  }
}
