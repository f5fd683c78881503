package dev.freeway.dataplane.backend;

/**
 * One thing that is not as it has to be, and the change that mends it.
 *
 * @param name what kind of thing it is, for scripts: the same words in every version
 * @param what is to be, for example {@code address 192.0.2.1 on freeway-vip}
 * @param why it has to be so
 * @param command what mends it by hand, in the namespace
 * @param change what mends it
 */
record Step(String name, String what, String why, String command, Change change) {
  /** A change of a namespace. */
  interface Change {
    void on(PodNetwork network);
  }
}
