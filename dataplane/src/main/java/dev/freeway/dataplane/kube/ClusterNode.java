package dev.freeway.dataplane.kube;

/**
 * A Node, the parts that matter here.
 *
 * @param uid what tells it from an earlier one of that name
 * @param zone its label {@code topology.kubernetes.io/zone}; empty for none
 * @param lost whether its condition Ready is Unknown: the cluster no longer hears of it
 * @param cordoned whether it is to be left: {@code kubectl cordon} and {@code drain} say so
 */
record ClusterNode(String name, String uid, String zone, boolean lost, boolean cordoned) {
  static final String ZONE = "topology.kubernetes.io/zone";
}
