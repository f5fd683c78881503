package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The record of the services that are ours and whose they are, as a loop keeps it up to date. It is
 * written when it has to say something else, and only then: before a service is made, and after one
 * is gone. Owned by the writer's thread.
 */
final class OwnershipRecord {
  private final StateDirectory state;
  private final Namespace namespace;
  private final SyncListener listener;

  private final Map<ServiceKey, String> owners = new HashMap<>();
  private Ownership ownership;
  private Set<ServiceKey> absent = new HashSet<>(); // from the last dump, though recorded
  private boolean ownersChanged;
  private long ownersVersion = 1;
  private boolean failing;
  private Optional<ProgramError> error = Optional.empty();

  /** An empty one, which {@link #load} fills. */
  OwnershipRecord(
      StateDirectory state, Namespace namespace, Settings settings, SyncListener listener) {
    this.state = state;
    this.namespace = namespace;
    this.listener = listener;
    this.ownership = new Ownership(Set.of(), settings.pool(), settings.adopt());
  }

  /** Reads it. */
  void load() {
    try {
      StateDirectory.Recorded recorded = state.ownership(namespace);
      recorded.findings().forEach(listener::found);
      ownership = ownership.with(recorded.services());
      owners.putAll(recorded.owners());
      ownersVersion++;
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

  /** The Kubernetes Services of those that are desired or recorded, where somebody said. */
  Map<ServiceKey, String> owners() {
    return Map.copyOf(owners);
  }

  /** Another number after {@link #owners} changed. */
  long ownersVersion() {
    return ownersVersion;
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
        if (owners.keySet().removeIf(key -> !named.contains(key) && !recorded.contains(key))) {
          ownersVersion++;
        }
        replaced.desired().services().values().forEach(this::noteOwner);
      }
      case Event.DesiredRecalled recalled ->
          recalled.desired().services().values().forEach(this::noteOwner);
      case Event.ServiceChanged changed -> noteOwner(changed.service());
      case Event.ServiceRemoved _,
          Event.EndpointsChanged _,
          Event.RoutersChanged _,
          Event.HealthChanged _ -> {}
    }
  }

  private void noteOwner(DesiredService service) {
    String before = owners.put(service.service().key(), service.owner());
    if (!service.owner().equals(before)) {
      ownersChanged = true;
      ownersVersion++;
    }
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

  private boolean write(Ownership next) {
    if (!ownersChanged && next.recorded().equals(ownership.recorded())) {
      return true;
    }
    SortedMap<ServiceKey, String> record = new TreeMap<>();
    next.recorded().forEach(key -> record.put(key, owner(key)));
    try {
      state.record(namespace, record);
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
}
