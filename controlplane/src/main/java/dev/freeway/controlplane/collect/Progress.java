package dev.freeway.controlplane.collect;

/** Is told how a scan goes on; by any thread. */
public interface Progress {
  /** Tells nobody. */
  Progress NONE = new Progress() {};

  /** So many services in regions are to be scanned. */
  default void begins(int units) {}

  /** A request leaves. */
  default void asks(String service, String region) {}

  /** One service in one region is done. */
  default void done(String service, String region, long found, boolean refused) {}
}
