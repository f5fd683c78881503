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
import java.util.function.Supplier;

/**
 * One look at the whole table, service by service: between them the writer does what is more
 * urgent. What it changes meanwhile is read again rather than taken from the list.
 */
final class Audit {
  private final IpvsTable table;
  private final Map<ServiceKey, ObservedService> former;
  private final IpvsTable.Listing listing;
  private List<ListedService> listed = List.of();
  private final List<ServiceKey> found = new ArrayList<>(); // there, and not in the list
  private final Set<ServiceKey> services = new HashSet<>();
  private final List<ObservedService> read = new ArrayList<>();
  private final Set<ServiceKey> changed = new HashSet<>();
  private final Set<ProgramError> errors = new LinkedHashSet<>();
  private Stage stage = Stage.LIST;
  private boolean others; // services without a key, which are not ours
  private int next;
  private long busyNanos;
  private boolean programmed;

  /**
   * A look that has seen nothing yet.
   *
   * @param former the table as it was read before: what did not change is kept in its place, so
   *     that a large table does not become new garbage with each look
   */
  Audit(IpvsTable table, List<ObservedService> former) {
    this.table = table;
    this.former = HashMap.newHashMap(former.size());
    former.forEach(
        service -> service.value().ifPresent(value -> this.former.put(value.key(), service)));
    this.listing = table.listing();
  }

  /** What comes next, in this order. */
  enum Stage {
    /** The services are listed, piece by piece. */
    LIST,
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
          case LIST -> Stage.ADOPT;
          case ADOPT, READ -> next < listed.size() + found.size() ? Stage.READ : Stage.REORDER;
          case REORDER, SETTLE -> Stage.SETTLE;
        };
  }

  /**
   * Reads the next piece of the list; answers whether that was the last. What was there before, is
   * ours or was changed meanwhile, and is not in the list is asked for by itself: a list that is
   * read while others change the table skips entries.
   */
  boolean list(Supplier<Set<ServiceKey>> owned) {
    if (!listing.read()) {
      return false;
    }
    listed = listing.services();
    for (ListedService service : listed) {
      service.value().value().ifPresent(value -> services.add(value.key()));
    }
    others = services.size() < listed.size();
    Set<ServiceKey> doubtful = new LinkedHashSet<>(former.keySet());
    doubtful.addAll(owned.get());
    doubtful.removeAll(services);
    doubtful.addAll(changed);
    for (ServiceKey service : doubtful) {
      boolean there = table.find(service).isPresent();
      if (!there) {
        services.remove(service);
      } else if (services.add(service)) {
        found.add(service);
      }
    }
    return true;
  }

  /** The services that can be ours. */
  Set<ServiceKey> services() {
    return services;
  }

  /** Whether there are others than these. */
  boolean others(Set<ServiceKey> owned) {
    return others
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
    int at = next++;
    Optional<ServiceKey> key =
        at < listed.size()
            ? listed.get(at).value().value().map(value -> value.key())
            : Optional.of(found.get(at - listed.size()));
    Optional<ObservedService> now =
        key.isPresent() && (at >= listed.size() || changed.contains(key.get()))
            ? table.find(key.get())
            : Optional.of(table.read(listed.get(at)));
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
