package dev.freeway.dataplane.kube;

import java.util.Set;

/**
 * Where the router stands, and which nodes are dead: gone, or not heard of by the cluster.
 *
 * @param node the router's own; empty when it is not known
 * @param zone of that node; empty when it is not known
 * @param dead nodes whose endpoints cannot be there any more
 */
record Topology(String node, String zone, Set<String> dead) {
  /** Nothing is known: every endpoint counts. */
  static final Topology NONE = new Topology("", "", Set.of());

  Topology {
    dead = Set.copyOf(dead);
  }
}
