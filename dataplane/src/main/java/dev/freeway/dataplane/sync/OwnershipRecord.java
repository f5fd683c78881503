package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.Planner;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.ServiceKey;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The record of the services that are ours, whose they are, and since when their destinations
 * drain, as a loop keeps it up to date. It is written when it has to say something else, and only
 * then: before a service is made, and after one is gone or a drain began or ended. Owned by the
 * writer's thread.
 */
final class OwnershipRecord {
  /** The same moment by both clocks; {@code millis} as the record says it. */
  private record Since(long nanos, long millis) {}

  private final StateDirectory state;
  private final Namespace namespace;
  private final Planner planner;
  private final LongSupplier clock;
  private final InstantSource wall;
  private final SyncListener listener;

  private final Map<ServiceKey, String> owners = new HashMap<>();
  private Ownership ownership;
  private Set<ServiceKey> absent = new HashSet<>(); // from the last dump, though recorded
  private Map<Policy.Drain, Since> drains = new HashMap<>(); // as written
  private long drainsVersion; // of the planner's, when they were written
  private boolean ownersChanged;
  private boolean failing;
  private Optional<ProgramError> error = Optional.empty();

  /** An empty one, which {@link #load} fills. */
  OwnershipRecord(
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      Planner planner,
      LongSupplier clock,
      InstantSource wall,
      SyncListener listener) {
    this.state = state;
    this.namespace = namespace;
    this.planner = planner;
    this.clock = clock;
    this.wall = wall;
    this.listener = listener;
    this.ownership = new Ownership(Set.of(), settings.pool(), settings.adopt());
  }

  /** Reads it; the planner goes on with the drains of the process before. */
  void load() {
    try {
      StateDirectory.Recorded recorded = state.ownership(namespace);
      recorded.findings().forEach(listener::found);
      ownership = ownership.with(recorded.services());
      owners.putAll(recorded.owners());
      long now = clock.getAsLong();
      long today = wall.millis();
      recorded
          .drainsUntil(today)
          .forEach(
              (drain, since) -> {
                long nanos = now - TimeUnit.MILLISECONDS.toNanos(today - since);
                drains.put(drain, new Since(nanos, since));
                planner.resume(drain, nanos);
              });
    } catch (StateException e) {
      listener.stateFailed(e, false);
      failing = true;
    }
  }

  /** The services that it names. */
  Set<ServiceKey> services() {
    return ownership.recorded();
  }

  /** Whether a service that the kernel holds is ours. */
  boolean ours(ServiceKey service) {
    return ownership.ours(service);
  }

  /** The Kubernetes Service of one that is desired or recorded; empty where nobody said. */
  String owner(ServiceKey service) {
    return owners.getOrDefault(service, "");
  }

  /** Whether it could not be read or written the last time. */
  boolean failing() {
    return failing;
  }

  /** Why it could not be written the last time. */
  Optional<ProgramError> error() {
    return error;
  }

  /** Who a service belongs to is kept when it is no longer named: it is ours until it is gone. */
  void noteOwners(Event event) {
    switch (event) {
      case Event.DesiredReplaced replaced -> {
        Set<ServiceKey> named = replaced.desired().services().keySet();
        Set<ServiceKey> recorded = ownership.recorded();
        owners.keySet().removeIf(key -> !named.contains(key) && !recorded.contains(key));
        replaced.desired().services().values().forEach(this::noteOwner);
      }
      case Event.ServiceChanged changed -> noteOwner(changed.service());
      case Event.ServiceRemoved _, Event.EndpointsChanged _ -> {}
    }
  }

  private void noteOwner(DesiredService service) {
    String before = owners.put(service.service().key(), service.owner());
    ownersChanged |= !service.owner().equals(before);
  }

  /** Names further services; answers whether it is written. */
  boolean add(Set<ServiceKey> services) {
    return write(ownership.with(services, Set.of()));
  }

  /** Names services no longer. */
  void remove(Set<ServiceKey> services) {
    write(ownership.with(Set.of(), services));
  }

  /**
   * Brings it up to date with what was adopted, and with what is gone without our doing. A dump can
   * skip an entry while another program changes the table, so gone is what two dumps in a row do
   * not show. That holds for what is wanted too: while it is refused, somebody else may make it.
   */
  void revise(Set<ServiceKey> owned, Set<ServiceKey> seen) {
    Set<ServiceKey> missing = new HashSet<>(ownership.recorded());
    missing.removeAll(seen);
    Set<ServiceKey> gone = new HashSet<>(missing);
    gone.retainAll(absent);
    absent = missing;
    Set<ServiceKey> adopted = new HashSet<>(owned);
    adopted.retainAll(seen);
    write(ownership.with(adopted, gone));
  }

  /** The kernel says of services that it holds them, whatever the last dump showed. */
  void there(Set<ServiceKey> services) {
    absent.removeAll(services);
  }

  /** After the kernel was told, for nothing waits for it: what a kill loses is a longer drain. */
  void keepDrains() {
    if (planner.drainsVersion() != drainsVersion) {
      write(ownership);
    }
  }

  private boolean write(Ownership next) {
    boolean services = ownersChanged || !next.recorded().equals(ownership.recorded());
    if (!services && planner.drainsVersion() == drainsVersion) {
      return true;
    }
    Map<Policy.Drain, Since> drainsNow = drainsNow(next.recorded());
    if (!services && drainsNow.equals(drains)) {
      drainsVersion = planner.drainsVersion();
      return true;
    }
    SortedMap<ServiceKey, String> record = new TreeMap<>();
    next.recorded().forEach(key -> record.put(key, owner(key)));
    SortedMap<Policy.Drain, Long> drainRecord = new TreeMap<>();
    drainsNow.forEach((drain, since) -> drainRecord.put(drain, since.millis()));
    try {
      state.record(namespace, record, drainRecord);
      drains = drainsNow;
      drainsVersion = planner.drainsVersion();
      ownership = next;
      ownersChanged = false;
      failing = false;
      error = Optional.empty();
      return true;
    } catch (StateException e) {
      listener.stateFailed(e, failing);
      failing = true;
      error = Optional.of(Refusals.record(e));
      return false;
    }
  }

  /** The time of day of a drain is that of its begin: the clock may be set since. */
  private Map<Policy.Drain, Since> drainsNow(Set<ServiceKey> services) {
    long now = clock.getAsLong();
    long today = wall.millis();
    Map<Policy.Drain, Since> drainsNow = new HashMap<>();
    planner
        .drains()
        .forEach(
            (drain, nanos) -> {
              if (services.contains(drain.service())) {
                Since known = drains.get(drain);
                drainsNow.put(
                    drain,
                    known != null && known.nanos == nanos
                        ? known
                        : new Since(nanos, today - TimeUnit.NANOSECONDS.toMillis(now - nanos)));
              }
            });
    return drainsNow;
  }
}
