package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Planner;
import dev.freeway.dataplane.core.ServiceDestination;
import java.util.SortedMap;
import java.util.function.LongSupplier;

/**
 * The record of since when destinations drain, as a loop keeps it up to date for the process after
 * it. Nothing waits for it: what is lost is a longer drain. Owned by the writer's thread.
 */
final class DrainRecord {
  private final Planner planner;
  private final SinceRecord record;
  private long version; // of the planner's, when they were written

  /** An empty one, which {@link #load} fills. */
  DrainRecord(
      StateDirectory state,
      Namespace namespace,
      Planner planner,
      LongSupplier clock,
      BootClock boot,
      SyncListener listener) {
    this.planner = planner;
    this.record =
        new SinceRecord(
            new SinceRecord.Place() {
              @Override
              public SortedMap<ServiceDestination, Long> read(long now) {
                return state.drains(namespace, now);
              }

              @Override
              public void write(SortedMap<ServiceDestination, Long> drains) {
                state.recordDrains(namespace, drains);
              }
            },
            clock,
            boot,
            listener,
            "cannot record since when destinations drain, and a restart begins that anew");
  }

  /** Reads it; the planner goes on with the drains of the process before. */
  void load() {
    record.load().forEach(planner::resume);
  }

  /** Writes it when it has to say something else. */
  void keep() {
    if (planner.drainsVersion() != version && record.keep(planner.drains())) {
      version = planner.drainsVersion();
    }
  }
}
