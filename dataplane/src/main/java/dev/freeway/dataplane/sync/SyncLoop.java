package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Event;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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
  private final SyncListener listener;
  private final BooleanSupplier stopping;
  private final Planner planner;
  private final Programmer programmer;

  private final Map<ServiceKey, String> owners = new HashMap<>();
  private Ownership ownership;
  private ShrinkGuard guard;
  private Optional<String> held = Optional.empty();
  private Set<ProgramError> errors = new LinkedHashSet<>();
  private Set<Ownership.Refusal> refused = new LinkedHashSet<>();
  private List<ObservedService> dump = List.of();
  private long dumpedNanos;
  private long nextAudit;
  private Set<ServiceKey> absent = Set.of();
  private boolean kernelFailing;
  private boolean stateFailing;
  private boolean ownersChanged;
  private boolean programmed;
  private volatile Snapshot snapshot = Snapshot.NONE;

  SyncLoop(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock,
      SyncListener listener,
      BooleanSupplier stopping) {
    this.table = table;
    this.state = state;
    this.namespace = namespace;
    this.settings = settings;
    this.clock = clock;
    this.listener = listener;
    this.stopping = stopping;
    this.planner = new Planner(new Policy(settings.drainLimit()));
    this.programmer = new Programmer(table, clock);
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
    }
    boolean done = kernelTurn(() -> program(new LinkedHashSet<>(errors)));
    if (settings.adopt() && !refused.isEmpty()) {
      nextAudit = clock.getAsLong(); // what is taken over has to be read first
    }
    if (done) {
      long now = clock.getAsLong();
      for (Event event : taken) {
        listener.programmed(event, now - event.receivedNanos());
      }
    }
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
    ShrinkGuard.Answer answer = guard.look(replaced.desired());
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
      kernelTurn(() -> program(new LinkedHashSet<>(errors)));
      publish();
    }
  }

  private void audit() {
    long start = clock.getAsLong();
    nextAudit = start + settings.auditInterval().toNanos();
    long repairedBefore = planner.repaired();
    boolean done =
        kernelTurn(
            () -> {
              dump = table.dump();
              dumpedNanos = clock.getAsLong();
              planner.observe(Observed.of(dump).services(), ownership::ours, settings.adopt());
              tellRefused();
              reviseRecord();
              program(new LinkedHashSet<>());
            });
    if (done) {
      listener.audited(clock.getAsLong() - start);
      if (planner.repaired() > repairedBefore) {
        listener.repaired(planner.repaired() - repairedBefore);
      }
    }
    publish();
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
   * Executes what follows from the planner's state.
   *
   * @param errorsNow what is known to be refused and is not tried in this turn
   */
  private void program(Set<ProgramError> errorsNow) {
    List<Change> changes = planner.changes(clock.getAsLong());
    Set<ServiceKey> recordedBefore = ownership.recorded();
    boolean services = changes.stream().anyMatch(change -> change.kind() == Change.Kind.SERVICE);
    if (services && !record(ownership.with(planner.owned(), Set.of()))) {
      Set<ServiceKey> recorded = ownership.recorded();
      changes =
          changes.stream().filter(change -> recorded.contains(change.command().service())).toList();
    }
    if (!changes.isEmpty()) {
      Programmer.Result result = programmer.execute(changes, this::idle, stopping);
      Set<ServiceKey> gone = new HashSet<>();
      for (Command command : result.acknowledged()) {
        planner.acknowledged(command);
        if (command instanceof Command.DeleteService delete) {
          gone.add(delete.service());
        }
      }
      errorsNow.addAll(result.errors());
      for (ServiceKey taken : result.taken()) {
        if (!recordedBefore.contains(taken)) {
          errorsNow.add(Programmer.takenError(taken));
          gone.add(taken);
        }
      }
      if (!gone.isEmpty()) {
        record(ownership.with(Set.of(), gone));
      }
      if (!result.taken().isEmpty() || !result.vanished().isEmpty()) {
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
    programmed |= planner.complete();
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
   * row do not show.
   */
  private void reviseRecord() {
    Set<ServiceKey> owned = planner.owned();
    Set<ServiceKey> missing = new HashSet<>(ownership.recorded());
    missing.removeAll(owned);
    Set<ServiceKey> gone = new HashSet<>(missing);
    gone.retainAll(absent);
    absent = missing;
    record(ownership.with(owned, gone));
  }

  /** Writes the record when it has to say something else; answers whether it says it. */
  private boolean record(Ownership next) {
    if (next.recorded().equals(ownership.recorded()) && !ownersChanged) {
      return true;
    }
    SortedMap<ServiceKey, String> record = new TreeMap<>();
    next.recorded().forEach(key -> record.put(key, owners.getOrDefault(key, "")));
    try {
      state.record(namespace, record);
      ownership = next;
      ownersChanged = false;
      stateFailing = false;
      return true;
    } catch (StateException e) {
      listener.stateFailed(e, stateFailing);
      stateFailing = true;
      return false;
    }
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
            List.copyOf(errors),
            held,
            planner.draining(),
            planner.repaired(),
            programmed);
  }

  Snapshot snapshot() {
    return snapshot;
  }
}
