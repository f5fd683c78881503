package dev.freeway.dataplane.lab;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Offer;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.core.Segment;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** The routers of a {@link Neighbourhood} as their Leases would tell of them. */
final class Election {
  private Election() {}

  /** As a router sees it: one is elected for everything, for the others' nodes are cordoned. */
  static Announcing of(String elected, String self) {
    TreeMap<String, Routers.Router> routers = new TreeMap<>();
    for (String router : Neighbourhood.ROUTERS) {
      TreeSet<Segment> segments = new TreeSet<>();
      for (String prefix : List.of("10.1.0.0/24", "fd00:1::/64")) {
        segments.add(Segment.parse(prefix + "@" + Neighbourhood.hardware(router)));
      }
      routers.put(router, new Routers.Router(new Offer(segments), !router.equals(elected)));
    }
    return new Announcing.Elected(new Routers(self, routers, /* heard= */ true));
  }
}
