package dev.freeway.dataplane.kube;

/**
 * A Pod of a Service, as its slices name it.
 *
 * @param name within the Service's namespace
 * @param incarnation tells it from an earlier or later one of its name, see {@link #incarnation}
 */
record PodKey(String name, int incarnation) {
  /** A hash of a Pod's UID, for endpoints are many and held for long; 0 where it is not told. */
  static int incarnation(String uid) {
    return uid.hashCode();
  }
}
