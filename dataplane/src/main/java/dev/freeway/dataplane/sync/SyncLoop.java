package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.Planner;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.ShrinkGuard;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What the writer does, without its thread: each call is one turn, and says when the next is due.
 * Every turn leaves the table serving.
 */
final class SyncLoop {
  private final IpvsTable table;
  private final StateDirectory state;
  private final Namespace namespace;
  private final Settings settings;
  private final LongSupplier clock;
  private final InstantSource wall;
  private final SyncListener listener;
  private final BooleanSupplier stopping;
  private final Planner planner;
  private final Programmer programmer;
  private final MaglevOrder order;
  private final Host host;

  /** The same moment by both clocks; {@code millis} as the record says it. */
  private record Since(long nanos, long millis) {}

  private final Map<ServiceKey, String> owners = new HashMap<>();
  private Map<Policy.Drain, Since> drains = new HashMap<>(); // as recorded
  private long drainsVersion; // of the planner's, when they were recorded
  private final Map<ServiceKey, Long> changedNanos = new HashMap<>();
  private Set<ServiceKey> present = new TreeSet<>();
  private Set<ServiceKey> seenLast = new TreeSet<>();
  private Optional<ProgramError> recordError = Optional.empty();
  private boolean whole = true;
  private Ownership ownership;
  private ShrinkGuard guard;
  private Optional<String> held = Optional.empty();
  private Set<ProgramError> errors = new LinkedHashSet<>();
  private Set<Ownership.Refusal> refused = new LinkedHashSet<>();
  private List<ObservedService> dump = List.of();
  private long dumpedNanos;
  private long nextAudit;
  private Set<String> unreadable = Set.of();
  private Set<ServiceKey> absent = Set.of();
  private boolean kernelFailing;
  private boolean stateFailing;
  private boolean ownersChanged;
  private boolean programmed;
  private boolean foreign = true; // until the table was read
  private boolean looked;
  private boolean surprised; // by what the last turn met in the table
  private boolean hostDue;
  private HostNeeds settled = HostNeeds.NONE;
  private Set<ProgramError> hostErrors = Set.of();
  private Set<String> hostNotes = Set.of();
  private long hostRepaired;
  private boolean guarding;
  private volatile Snapshot snapshot = Snapshot.NONE;

  /** A loop on a machine that somebody else prepares. */
  SyncLoop(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock,
      InstantSource wall,
      SyncListener listener,
      BooleanSupplier stopping) {
    this(table, state, namespace, settings, clock, wall, listener, stopping, Host.NONE);
  }

  SyncLoop(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock,
      InstantSource wall,
      SyncListener listener,
      BooleanSupplier stopping,
      Host host) {
    this.table = table;
    this.state = state;
    this.namespace = namespace;
    this.settings = settings;
    this.clock = clock;
    this.wall = wall;
    this.listener = listener;
    this.stopping = stopping;
    this.host = host;
    this.planner = new Planner(new Policy(settings.drainLimit()));
    this.programmer = new Programmer(table, clock);
    this.order = new MaglevOrder(table, host);
    this.ownership = new Ownership(Set.of(), settings.pool(), settings.adopt());
    this.guard = new ShrinkGuard(settings.maxShrink());
    this.nextAudit = clock.getAsLong();
  }

  /** Reads the record and adopts the table; deletes nothing. */
  void start() {
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
      stateFailing = true;
    }
    audit();
  }

  /** Takes in what happened, in order, and programs it. */
  void handle(List<Event> events) {
    List<Event> taken = new ArrayList<>(events.size());
    for (Event event : events) {
      if (passes(event)) {
        planner.handle(event);
        noteOwners(event);
        taken.add(event);
      }
    }
    if (taken.stream().anyMatch(event -> !(event instanceof Event.EndpointsChanged))) {
      tellRefused();
      hostDue = true;
    }
    boolean done = looked && kernelTurn(() -> program(new LinkedHashSet<>(errors)));
    if (done && hostDue) {
      settle(false);
    }
    if (settings.adopt() && !refused.isEmpty()) {
      nextAudit = clock.getAsLong(); // what is taken over has to be read first
    }
    if (done && whole) {
      long now = clock.getAsLong();
      for (Event event : taken) {
        listener.programmed(event, now - event.receivedNanos());
      }
    }
    recordDrains();
    publish();
  }

  /** Who a service belongs to is kept when it is no longer named: it is ours until it is gone. */
  private void noteOwners(Event event) {
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

  private boolean passes(Event event) {
    if (!(event instanceof Event.DesiredReplaced replaced)) {
      return true;
    }
    guarding = true;
    ShrinkGuard.Answer answer = guard.look(replaced.desired(), replaced.receivedNanos());
    guard = answer.next();
    return switch (answer) {
      case ShrinkGuard.Answer.Pass _ -> {
        held = Optional.empty();
        yield true;
      }
      case ShrinkGuard.Answer.Hold hold -> {
        held = Optional.of(hold.reason());
        listener.held(hold.reason());
        yield false;
      }
    };
  }

  /** When {@link #tick} is due, in nanoseconds of the clock. */
  long nextDeadline() {
    long drain = planner.nextDeadline().orElse(nextAudit);
    return drain - nextAudit < 0 ? drain : nextAudit;
  }

  /** Does what is due by now: an audit, or the end of a drain. */
  void tick() {
    long now = clock.getAsLong();
    if (now - nextAudit >= 0) {
      audit();
    } else if (planner.nextDeadline().isPresent()
        && now - planner.nextDeadline().getAsLong() >= 0) {
      if (kernelTurn(() -> program(new LinkedHashSet<>(errors))) && hostDue) {
        settle(false);
      }
      recordDrains();
      publish();
    }
  }

  private void audit() {
    long start = clock.getAsLong();
    nextAudit = start + settings.auditInterval().toNanos();
    long repairedBefore = repaired();
    boolean done =
        kernelTurn(
            () -> {
              dump = table.dump();
              dumpedNanos = clock.getAsLong();
              tellUnreadable();
              Map<ServiceKey, EffectiveService> seen = Observed.of(dump).services();
              planner.observe(seen, ownership::ours, settings.adopt());
              notePresent(seen.keySet());
              looked = true;
              Set<ServiceKey> owned = planner.owned();
              foreign = dump.stream().anyMatch(one -> !isOne(one, owned));
              tellRefused();
              guardWhatIsThere();
              reviseRecord(owned, seen.keySet());
              if (!program(new LinkedHashSet<>())) {
                restoreOrder();
              }
            });
    if (done) {
      settle(true);
      listener.audited(clock.getAsLong() - start);
      if (repaired() > repairedBefore) {
        listener.repaired(repaired() - repairedBefore);
      }
    }
    recordDrains();
    publish();
  }

  private void tellUnreadable() {
    Set<String> now = new LinkedHashSet<>(table.unreadable());
    now.stream()
        .filter(entry -> !unreadable.contains(entry))
        .forEach(entry -> listener.found("cannot be read in the kernel, and is left: " + entry));
    unreadable = now;
  }

  /** When an audit found nothing else to do: the dump is then the table. */
  private void restoreOrder() {
    Optional<Duration> after = settings.reorderAfter();
    if (!programmed || after.isEmpty()) {
      return;
    }
    long now = clock.getAsLong();
    Set<ServiceKey> owned = planner.owned();
    changedNanos.values().removeIf(since -> now - since >= after.get().toNanos());
    MaglevOrder.Result result =
        order.restore(dump, key -> owned.contains(key) && !changedNanos.containsKey(key));
    result.lost().forEach(planner::acknowledged);
    if (!result.lost().isEmpty()) {
      nextAudit = clock.getAsLong(); // what the kernel did not take again is missing
    }
    if (result.moved() > 0) {
      listener.reordered(result.moved());
    }
  }

  private static boolean isOne(ObservedService seen, Set<ServiceKey> of) {
    return seen.value().isPresent() && of.contains(seen.value().get().key());
  }

  /** A dump can skip an entry: what either of the last two showed is taken to be there. */
  private void notePresent(Set<ServiceKey> seen) {
    present = new TreeSet<>(seenLast);
    present.addAll(seen);
    seenLast = new TreeSet<>(seen);
  }

  /**
   * Makes the machine ready for what the table now holds. What an audit finds changed although
   * nothing else is needed than before is another program's doing.
   */
  private void settle(boolean audit) {
    if (!planner.complete()) {
      return; // what is needed is not known yet, and nothing may be taken away
    }
    HostNeeds needs = needs();
    Host.Report report = host.settle(needs);
    if (audit && !hostDue && hostErrors.isEmpty() && needs.equals(settled)) {
      hostRepaired += report.changes().size();
    }
    hostDue = false;
    settled = needs;
    if (!report.changes().isEmpty()) {
      listener.hostChanged(report.changes());
    }
    Set<ProgramError> failures = new LinkedHashSet<>(report.errors());
    failures.stream().filter(error -> !hostErrors.contains(error)).forEach(listener::refused);
    hostErrors = failures;
    Set<String> notes = new LinkedHashSet<>(report.notes());
    notes.stream().filter(note -> !hostNotes.contains(note)).forEach(listener::found);
    hostNotes = notes;
  }

  private HostNeeds needs() {
    return planner.needs(Collections.unmodifiableSortedSet(new TreeSet<>(present)), foreign);
  }

  private long repaired() {
    return planner.repaired() + hostRepaired;
  }

  /** A restart with half of the input must not delete the other half at once. */
  private void guardWhatIsThere() {
    if (guarding) {
      return;
    }
    guarding = true;
    int services = 0;
    int destinations = 0;
    for (EffectiveService held : Observed.of(dump).services().values()) {
      if (ownership.ours(held.value().key())) {
        services++;
        destinations += held.destinations().size();
      }
    }
    guard = new ShrinkGuard(settings.maxShrink(), services, destinations, Optional.empty());
  }

  /** Runs what talks to the kernel; answers whether the socket held. */
  private boolean kernelTurn(Runnable turn) {
    try {
      turn.run();
      kernelFailing = false;
      return true;
    } catch (NetlinkException e) {
      planner.unsure();
      listener.kernelFailed(e, kernelFailing);
      kernelFailing = true;
      return false;
    }
  }

  /**
   * Executes what follows from the planner's state; answers whether anything did.
   *
   * @param errorsNow what is known to be refused and is not tried in this turn
   */
  private boolean program(Set<ProgramError> errorsNow) {
    boolean before = surprised; // and a look since did not help: then at the interval
    surprised = false;
    List<Change> changes = planner.changes(clock.getAsLong());
    Set<ServiceKey> recordedBefore = ownership.recorded();
    Set<ServiceKey> services = new HashSet<>();
    for (Change change : changes) {
      if (change.kind() == Change.Kind.SERVICE) {
        services.add(change.command().service());
      }
    }
    boolean dropped = false;
    if ((!services.isEmpty() || stateFailing) && !record(ownership.with(services, Set.of()))) {
      Set<ServiceKey> recorded = ownership.recorded();
      List<Change> allowed =
          changes.stream().filter(change -> recorded.contains(change.command().service())).toList();
      dropped = allowed.size() < changes.size();
      changes = allowed;
    }
    recordError.ifPresent(errorsNow::add);
    whole = !dropped;
    Set<ServiceKey> beginning = new HashSet<>();
    changes.forEach(change -> beginning.add(change.command().service()));
    beginning.removeIf(service -> !planner.beginsSourceNat(service));
    if (!services.isEmpty() || !beginning.isEmpty()) {
      hostDue = true;
      Host.Report prepared = host.prepare(needs());
      if (!prepared.changes().isEmpty()) {
        listener.hostChanged(prepared.changes());
      }
      Allowed allowed = Allowed.on(prepared, changes, beginning);
      changes = allowed.changes();
      errorsNow.addAll(allowed.errors());
      whole &= allowed.errors().isEmpty();
    }
    if (!changes.isEmpty()) {
      Programmer.Result result = programmer.execute(changes, this::idle, stopping);
      Set<ServiceKey> gone = new HashSet<>();
      for (Command command : result.acknowledged()) {
        planner.acknowledged(command);
        changedNanos.put(command.service(), clock.getAsLong());
        switch (command) {
          case Command.AddService add -> {
            present.add(add.service());
            seenLast.add(add.service());
          }
          case Command.DeleteService delete -> {
            gone.add(delete.service());
            present.remove(delete.service());
            seenLast.remove(delete.service());
          }
          default -> {}
        }
      }
      errorsNow.addAll(result.errors());
      whole &= result.errors().isEmpty();
      for (ServiceKey taken : result.taken()) {
        if (!recordedBefore.contains(taken)) {
          errorsNow.add(Programmer.takenError(taken));
          gone.add(taken);
        }
      }
      if (!gone.isEmpty()) {
        record(ownership.with(Set.of(), gone));
      }
      surprised = !result.taken().isEmpty() || !result.vanished().isEmpty();
      if (surprised && !before) {
        nextAudit = clock.getAsLong(); // the table is not what we thought: look again
      }
      if (!result.done().isEmpty()) {
        listener.changed(result.done(), result.kernelNanos());
      }
    }
    for (ProgramError error : errorsNow) {
      if (!errors.contains(error)) {
        listener.refused(error);
      }
    }
    errors = errorsNow;
    programmed |= planner.complete() && !dropped;
    return !changes.isEmpty();
  }

  private void tellRefused() {
    Set<Ownership.Refusal> now = new LinkedHashSet<>(planner.refused());
    for (Ownership.Refusal refusal : now) {
      if (!refused.contains(refusal)) {
        listener.refused(refusal);
      }
    }
    refused = now;
  }

  /**
   * Brings the record up to date with what was adopted, and with what is gone without our doing. A
   * dump can skip an entry while another program changes the table, so gone is what two dumps in a
   * row do not show, and what is still to be made is not ours: somebody else's may be in its place.
   */
  private void reviseRecord(Set<ServiceKey> owned, Set<ServiceKey> seen) {
    Set<ServiceKey> missing = new HashSet<>(ownership.recorded());
    missing.removeAll(owned);
    Set<ServiceKey> gone = new HashSet<>(missing);
    gone.retainAll(absent);
    absent = missing;
    Set<ServiceKey> adopted = new HashSet<>(owned);
    adopted.retainAll(seen);
    record(ownership.with(adopted, gone));
  }

  /** After the kernel was told, for nothing waits for it: what a kill loses is a longer drain. */
  private void recordDrains() {
    if (planner.drainsVersion() != drainsVersion) {
      record(ownership);
    }
  }

  /** Writes the record when it has to say something else; answers whether it says it. */
  private boolean record(Ownership next) {
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
    next.recorded().forEach(key -> record.put(key, owners.getOrDefault(key, "")));
    SortedMap<Policy.Drain, Long> drainRecord = new TreeMap<>();
    drainsNow.forEach((drain, since) -> drainRecord.put(drain, since.millis()));
    try {
      state.record(namespace, record, drainRecord);
      drains = drainsNow;
      drainsVersion = planner.drainsVersion();
      ownership = next;
      ownersChanged = false;
      stateFailing = false;
      recordError = Optional.empty();
      return true;
    } catch (StateException e) {
      listener.stateFailed(e, stateFailing);
      stateFailing = true;
      recordError = Optional.of(Refusals.record(e));
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

  private Optional<VirtualService> idle(ServiceKey service) {
    return Observed.of(table.dump()).idle(service); // rare: connections may have come meanwhile
  }

  private void publish() {
    snapshot =
        new Snapshot(
            dump,
            dumpedNanos,
            ownership.recorded(),
            List.copyOf(refused),
            allErrors(),
            held,
            planner.draining(),
            repaired(),
            programmed);
  }

  private List<ProgramError> allErrors() {
    List<ProgramError> all = new ArrayList<>(errors);
    all.addAll(hostErrors);
    return List.copyOf(all);
  }

  Snapshot snapshot() {
    return snapshot;
  }
}
