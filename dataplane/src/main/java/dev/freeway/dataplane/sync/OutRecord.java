package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Condition;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.ServiceDestination;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.LongSupplier;

/**
 * The record of which destinations are out by their health, and since when, as a loop keeps it up
 * to date for {@code plan} and {@code apply}, which check nobody. Nothing waits for it. The loop
 * itself goes by it where the table went with the process before: what was out then stays so until
 * it was asked. Owned by the writer's thread.
 */
final class OutRecord {
  private static final long NEVER = -1;

  private final SinceRecord record;
  private Map<ServiceDestination, Long> out = Map.of(); // since when, by the loop's clock
  private long version = NEVER; // of the conditions, when they were written

  /** An empty one, which {@link #load} fills. */
  OutRecord(
      StateDirectory state,
      Namespace namespace,
      LongSupplier clock,
      BootClock boot,
      SyncListener listener) {
    this.record =
        new SinceRecord(
            new SinceRecord.Place() {
              @Override
              public SortedMap<ServiceDestination, Long> read(long now) {
                return state.out(namespace, now);
              }

              @Override
              public void write(SortedMap<ServiceDestination, Long> out) {
                state.recordOut(namespace, out);
              }
            },
            clock,
            boot,
            listener,
            "cannot record which destinations are out by their health, and apply goes by the old"
                + " record");
  }

  /** Reads it; answers which were out. */
  Set<ServiceDestination> load() {
    out = record.load();
    return Set.copyOf(out.keySet());
  }

  /**
   * Writes it when it has to say something else. One that was out before a restart, and waits for
   * its first check, is out all the while.
   *
   * @param version of the conditions
   */
  void keep(Map<ServiceDestination, Condition> conditions, long version) {
    if (version == this.version) {
      return;
    }
    Map<ServiceDestination, Long> next = new HashMap<>();
    conditions.forEach(
        (of, condition) -> {
          Long before = out.get(of);
          switch (condition.state()) {
            case OUT -> next.put(of, before == null ? condition.sinceNanos() : before);
            case UNCHECKED -> {
              if (before != null) {
                next.put(of, before);
              }
            }
            case DRAINING, PANIC, WARMING, LEAVING -> {}
          }
        });
    out = next;
    if (record.keep(next)) {
      this.version = version;
    }
  }
}
