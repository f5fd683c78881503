package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ListedService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One look at the whole table, service by service: between them the writer does what is more
 * urgent. What it changes meanwhile is read again rather than taken from the list.
 */
final class Audit {
  private final IpvsTable table;
  private final Map<ServiceKey, ObservedService> former;
  private final List<ListedService> listed;
  private final Set<ServiceKey> services;
  private final List<ObservedService> read;
  private final Set<ServiceKey> changed = new HashSet<>();
  private final Set<ProgramError> errors = new LinkedHashSet<>();
  private Stage stage = Stage.ADOPT;
  private int next;
  private long busyNanos;
  private boolean programmed;

  /**
   * Begins with the list of services.
   *
   * @param former the table as it was read before: what did not change is kept in its place, so
   *     that a large table does not become new garbage with each look
   */
  Audit(IpvsTable table, List<ObservedService> former) {
    this.table = table;
    this.former = HashMap.newHashMap(former.size());
    former.forEach(
        service -> service.value().ifPresent(value -> this.former.put(value.key(), service)));
    this.listed = table.services();
    this.read = new ArrayList<>(listed.size());
    this.services = HashSet.newHashSet(listed.size());
    for (ListedService service : listed) {
      service.value().value().ifPresent(value -> services.add(value.key()));
    }
  }

  /** What comes next, in this order. */
  enum Stage {
    /** The record is brought up to date. */
    ADOPT,
    /** Services are read, one after the other. */
    READ,
    /** All were read: what is left to repair, and the order of destinations. */
    REORDER,
    /** The machine around the table. */
    SETTLE
  }

  Stage stage() {
    return stage;
  }

  /** The present stage has done what it had to do, or one service of it. */
  void proceed() {
    stage =
        switch (stage) {
          case ADOPT, READ -> next < listed.size() ? Stage.READ : Stage.REORDER;
          case REORDER, SETTLE -> Stage.SETTLE;
        };
  }

  /** The services that can be ours. */
  Set<ServiceKey> services() {
    return services;
  }

  /** Whether there are others than these. */
  boolean others(Set<ServiceKey> owned) {
    return services.size() < listed.size()
        || services.stream().anyMatch(key -> !owned.contains(key) && !changed.contains(key));
  }

  /**
   * What a step found.
   *
   * @param service one that was listed and can be ours; empty otherwise
   * @param now as it is now; empty when it is gone
   */
  record Step(Optional<ServiceKey> service, Optional<ObservedService> now) {
    Optional<EffectiveService> value() {
      return now.flatMap(Observed::effective);
    }
  }

  /** Reads the next service. */
  Step step() {
    ListedService service = listed.get(next++);
    Optional<ServiceKey> key = service.value().value().map(value -> value.key());
    Optional<ObservedService> now =
        key.isPresent() && changed.contains(key.get())
            ? table.find(key.get())
            : Optional.of(table.read(service));
    now.ifPresent(seen -> read.add(key.isPresent() ? kept(key.get(), seen) : seen));
    return new Step(key, now);
  }

  private ObservedService kept(ServiceKey key, ObservedService now) {
    ObservedService before = former.get(key);
    if (before == null) {
      return now;
    }
    List<ObservedDestination> destinations = new ArrayList<>(now.destinations());
    int count = Math.min(destinations.size(), before.destinations().size());
    for (int i = 0; i < count; i++) {
      destinations.set(i, before.destinations().get(i).or(destinations.get(i)));
    }
    return now.with(destinations);
  }

  /** The writer changed a service meanwhile. */
  void changed(ServiceKey service) {
    changed.add(service);
  }

  boolean hasChanged(ServiceKey service) {
    return changed.contains(service);
  }

  /** The writer met these meanwhile. */
  void met(Set<ProgramError> found) {
    errors.addAll(found);
  }

  /** What was met, from the first step to the last: all that is refused, for all was tried. */
  Set<ProgramError> errors() {
    return errors;
  }

  /** What it read was repaired. */
  void programmed() {
    programmed = true;
  }

  boolean hasProgrammed() {
    return programmed;
  }

  void busy(long nanos) {
    busyNanos += nanos;
  }

  /** How long its steps took, without what came between. */
  long busyNanos() {
    return busyNanos;
  }

  /** The services that were read. */
  List<ObservedService> read() {
    return read;
  }

  /** The same in the shape of the core. */
  Map<ServiceKey, EffectiveService> effective() {
    return Observed.of(read).services();
  }
}
