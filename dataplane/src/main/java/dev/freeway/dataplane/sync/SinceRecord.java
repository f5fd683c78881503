package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.ServiceDestination;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A record of since when something is so of destinations: in nanoseconds of a loop's clock here, in
 * milliseconds since the boot in the file, for another process has another clock. It is written
 * when it has to say something else, and nothing waits for it. Owned by the writer's thread.
 */
final class SinceRecord {
  /** The same moment by both clocks. */
  private record Since(long nanos, long millis) {}

  /** The file, in milliseconds since the boot. */
  interface Place {
    /** What is believed of it; {@code now} since the boot too. */
    SortedMap<ServiceDestination, Long> read(long now);

    /**
     * Replaces it.
     *
     * @throws StateException when it cannot
     */
    void write(SortedMap<ServiceDestination, Long> record);
  }

  private final Place place;
  private final LongSupplier clock;
  private final BootClock boot;
  private final SyncListener listener;
  private final String failure;

  private Map<ServiceDestination, Since> written = new HashMap<>();
  private boolean failing;

  /**
   * An empty one, which {@link #load} fills.
   *
   * @param failure what it means that it cannot be written, for people; told once while it lasts
   */
  SinceRecord(
      Place place, LongSupplier clock, BootClock boot, SyncListener listener, String failure) {
    this.place = place;
    this.clock = clock;
    this.boot = boot;
    this.listener = listener;
    this.failure = failure;
  }

  /** Reads it; answers what it says by the loop's clock. */
  Map<ServiceDestination, Long> load() {
    long now = clock.getAsLong();
    long today = boot.millis();
    Map<ServiceDestination, Long> loaded = new HashMap<>();
    place
        .read(today)
        .forEach(
            (of, since) -> {
              long nanos = now - TimeUnit.MILLISECONDS.toNanos(today - since);
              written.put(of, new Since(nanos, since));
              loaded.put(of, nanos);
            });
    return loaded;
  }

  /** Has it say this, by the loop's clock; answers whether it does. */
  boolean keep(Map<ServiceDestination, Long> nanos) {
    Map<ServiceDestination, Since> next = since(nanos);
    if (!next.equals(written)) {
      TreeMap<ServiceDestination, Long> record = new TreeMap<>();
      next.forEach((of, since) -> record.put(of, since.millis()));
      try {
        place.write(record);
      } catch (StateException e) {
        if (!failing) {
          listener.found(failure + ": " + e.problem());
        }
        failing = true;
        return false;
      }
    }
    written = next;
    failing = false;
    return true;
  }

  /** What is said of one stays as it was first said: the two clocks need not agree for long. */
  private Map<ServiceDestination, Since> since(Map<ServiceDestination, Long> all) {
    long now = clock.getAsLong();
    long today = boot.millis();
    Map<ServiceDestination, Since> next = new HashMap<>();
    all.forEach(
        (of, nanos) -> {
          Since known = written.get(of);
          next.put(
              of,
              known != null && known.nanos == nanos
                  ? known
                  : new Since(nanos, today - TimeUnit.NANOSECONDS.toMillis(now - nanos)));
        });
    return next;
  }
}
