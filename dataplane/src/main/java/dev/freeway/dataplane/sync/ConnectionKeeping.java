package dev.freeway.dataplane.sync;

/**
 * Sees to it that connections outlive their destination for a moment: {@code
 * net/ipv4/vs/expire_nodest_conn} is 0.
 */
public interface ConnectionKeeping {
  /**
   * Runs something meanwhile, and puts the setting back however that ends.
   *
   * @return false when the setting cannot or may not be changed; nothing was run then
   */
  boolean whileKept(Runnable batch);
}
