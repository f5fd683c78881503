package dev.freeway.dataplane.kube;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which of a Service's endpoints are meant for the clients of this router, by the hints in the
 * slices, as kube-proxy reads them: those for our node, if there is one and every ready endpoint
 * has such hints; else those for our zone, likewise; else all. And which cannot be there at all,
 * because their node is dead; when all are on dead nodes it is the cluster that is not heard, and
 * none counts as dead.
 *
 * @param deadNodes whose endpoints are not there
 * @param node whose hints count; empty for none
 * @param zone whose hints count; empty for none
 */
record Placement(Set<String> deadNodes, String node, String zone) {
  /** Every endpoint counts. */
  static final Placement ANYWHERE = new Placement(Set.of(), "", "");

  /**
   * Reads the slices of one Service.
   *
   * @param ready whether an endpoint is to take traffic
   */
  static Placement of(List<Slice> slices, Predicate<SliceEndpoint> ready, Topology topology) {
    if (topology.equals(Topology.NONE)) {
      return ANYWHERE;
    }
    boolean anyAlive = false;
    boolean nodeHints = !topology.node().isEmpty();
    boolean zoneHints = !topology.zone().isEmpty();
    boolean forNode = false;
    boolean forZone = false;
    for (Slice slice : slices) {
      for (SliceEndpoint endpoint : slice.endpoints()) {
        if (topology.dead().contains(endpoint.node())) {
          continue;
        }
        anyAlive = true;
        if (ready.test(endpoint)) {
          nodeHints &= !endpoint.hints().nodes().isEmpty();
          zoneHints &= !endpoint.hints().zones().isEmpty();
          forNode |= endpoint.hints().nodes().contains(topology.node());
          forZone |= endpoint.hints().zones().contains(topology.zone());
        }
      }
    }
    Set<String> dead = anyAlive ? topology.dead() : Set.of();
    if (nodeHints && forNode) {
      return new Placement(dead, topology.node(), "");
    }
    return new Placement(dead, "", zoneHints && forZone ? topology.zone() : "");
  }

  boolean dead(SliceEndpoint endpoint) {
    return deadNodes.contains(endpoint.node());
  }

  boolean near(SliceEndpoint endpoint) {
    return (node.isEmpty() || endpoint.hints().nodes().contains(node))
        && (zone.isEmpty() || endpoint.hints().zones().contains(zone));
  }
}
