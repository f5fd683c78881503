package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Planner;
import dev.freeway.dataplane.core.ServiceDestination;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The record of since when destinations drain, as a loop keeps it up to date for the process after
 * it. Nothing waits for it: what is lost is a longer drain. Owned by the writer's thread.
 */
final class DrainRecord {
  /** The same moment by both clocks; {@code millis} as the record says it. */
  private record Since(long nanos, long millis) {}

  private final StateDirectory state;
  private final Namespace namespace;
  private final Planner planner;
  private final LongSupplier clock;
  private final BootClock boot;
  private final SyncListener listener;

  private Map<ServiceDestination, Since> written = new HashMap<>();
  private long version; // of the planner's, when they were written
  private boolean failing;

  /** An empty one, which {@link #load} fills. */
  DrainRecord(
      StateDirectory state,
      Namespace namespace,
      Planner planner,
      LongSupplier clock,
      BootClock boot,
      SyncListener listener) {
    this.state = state;
    this.namespace = namespace;
    this.planner = planner;
    this.clock = clock;
    this.boot = boot;
    this.listener = listener;
  }

  /** Reads it; the planner goes on with the drains of the process before. */
  void load() {
    long now = clock.getAsLong();
    long today = boot.millis();
    state
        .drains(namespace, today)
        .forEach(
            (drain, since) -> {
              long nanos = now - TimeUnit.MILLISECONDS.toNanos(today - since);
              written.put(drain, new Since(nanos, since));
              planner.resume(drain, nanos);
            });
  }

  /** Writes it when it has to say something else. */
  void keep() {
    if (planner.drainsVersion() == version) {
      return;
    }
    Map<ServiceDestination, Since> drains = drains();
    if (!drains.equals(written)) {
      TreeMap<ServiceDestination, Long> record = new TreeMap<>();
      drains.forEach((drain, since) -> record.put(drain, since.millis()));
      try {
        state.recordDrains(namespace, record);
      } catch (StateException e) {
        if (!failing) {
          listener.found(
              "cannot record since when destinations drain, and a restart begins that anew: "
                  + e.problem());
        }
        failing = true;
        return;
      }
    }
    written = drains;
    version = planner.drainsVersion();
    failing = false;
  }

  /** What is said of a drain stays as it was first said: the two clocks need not agree for long. */
  private Map<ServiceDestination, Since> drains() {
    long now = clock.getAsLong();
    long today = boot.millis();
    Map<ServiceDestination, Since> drains = new HashMap<>();
    planner
        .drains()
        .forEach(
            (drain, nanos) -> {
              Since known = written.get(drain);
              drains.put(
                  drain,
                  known != null && known.nanos == nanos
                      ? known
                      : new Since(nanos, today - TimeUnit.NANOSECONDS.toMillis(now - nanos)));
            });
    return drains;
  }
}
