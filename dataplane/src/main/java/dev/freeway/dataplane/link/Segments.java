package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** The layer-2 networks that this machine is on, by the subnets of its links' addresses: pure. */
final class Segments {
  /** A subnet and the link that leads to it. */
  record OnLink(Prefix prefix, Link link) {}

  private final List<OnLink> all = new ArrayList<>();

  Segments(List<Link> links, List<LinkAddress> addresses) {
    for (LinkAddress held : addresses) {
      boolean subnet = held.bits() < held.address().family().bits();
      if (!subnet || held.address().isLinkLocal6()) {
        continue;
      }
      for (Link link : links) {
        if (link.index() == held.link()
            && link.hasNeighbours()
            && !link.name().equals(HostPlan.LINK)) {
          all.add(new OnLink(Prefix.around(held.address(), held.bits()), link));
        }
      }
    }
  }

  /** The one where neighbours ask for an address: of several the narrowest. */
  Optional<OnLink> of(IpAddress address) {
    OnLink best = null;
    for (OnLink one : all) {
      if (one.prefix.contains(address)
          && (best == null || one.prefix.bits() > best.prefix.bits())) {
        best = one;
      }
    }
    return Optional.ofNullable(best);
  }

  /** All of them, as other routers are told. */
  SortedSet<Segment> toTell() {
    TreeSet<Segment> segments = new TreeSet<>();
    all.forEach(one -> segments.add(new Segment(one.prefix, one.link.hardware())));
    return segments;
  }
}
