package dev.freeway.controlplane.store;

/**
 * That a scan runs: held by the process that writes it. It is freed when the process ends, however
 * it ends.
 */
interface Hold extends AutoCloseable {
  /** Where the database, or its disk, has no locks. */
  Hold NONE = () -> {};

  @Override
  void close();
}
