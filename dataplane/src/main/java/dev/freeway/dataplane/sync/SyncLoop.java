package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Condition;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Planner;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.ShrinkGuard;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the writer does, without its thread: each call is one turn, and says when the next is due.
 * Every turn leaves the table serving.
 */
final class SyncLoop {
  /**
   * What an audit cannot be interrupted in, the list of services and the machine around the table,
   * is done no more often than takes half a hundredth of the time, where they are many: events wait
   * for it.
   */
  private static final long RARELY = 200;

  private static final int MANY = 100;

  /** But once in so many intervals. */
  private static final int AT_LEAST = 10;

  /** How long an audit goes on before events are looked for again; one service is read whole. */
  private static final Duration STEP = Duration.ofNanos(300_000);

  private final IpvsTable table;
  private final Settings settings;
  private final LongSupplier clock;
  private final SyncListener listener;
  private final BooleanSupplier stopping;
  private final Planner planner;
  private final Programmer programmer;
  private final OwnershipRecord record;
  private final DrainRecord drains;
  private final OutRecord out;
  private final Lasting lasting;
  private final MaglevOrder order;
  private final Host host;

  private final Map<ServiceKey, Long> changedNanos = new HashMap<>();
  private Set<ServiceKey> present = new HashSet<>();
  private Set<ServiceKey> seenLast = new HashSet<>();
  private boolean whole = true;
  private ShrinkGuard guard;
  private Optional<String> held = Optional.empty();
  private final Set<ServiceKey> withoutSourceNat = new HashSet<>(); // and refused for that
  private List<ObservedService> dump = List.of();
  private long dumpedNanos;
  private long nextAudit;
  private boolean kernelFailing;
  private boolean programmed;
  private boolean foreign = true; // until the table was read
  private boolean looked;
  private @Nullable Audit underway;
  private long repairedBefore; // the audit under way
  private boolean surprised; // by what was met in the table since the last audit began
  private boolean rushed; // an audit for a surprise
  private boolean hurried; // the next audit
  private boolean hostDue;
  private Announcing announcing;
  private long hostSettled;
  private long hostNanos; // how long that took
  private HostNeeds settled = HostNeeds.NONE;
  private long hostRepaired;
  private boolean guarding;
  private final Unable unable = new Unable();
  private final HealthWatch health;
  private Map<ServiceKey, String> owners = Map.of(); // as they were published
  private Map<ServiceDestination, Condition> conditions = Map.of();
  private Set<ServiceKey> panicking = Set.of();
  private Set<ServiceKey> withoutBackend = Set.of(); // as of the last audit
  private long conditionsVersion;
  private long ownersVersion;
  private volatile Snapshot snapshot = Snapshot.NONE;

  /** A loop on a machine that somebody else prepares. */
  SyncLoop(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock,
      BootClock boot,
      SyncListener listener,
      BooleanSupplier stopping) {
    this(
        table, state, namespace, settings, clock, boot, listener, stopping, Host.NONE, Checks.NONE);
  }

  SyncLoop(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock,
      BootClock boot,
      SyncListener listener,
      BooleanSupplier stopping,
      Host host,
      Checks checks) {
    this.table = table;
    this.settings = settings;
    this.clock = clock;
    this.listener = listener;
    this.stopping = stopping;
    this.host = host;
    this.health = new HealthWatch(checks, table, clock);
    this.planner = new Planner(new Policy(settings.drainLimit()), health::of);
    this.programmer = new Programmer(table, clock);
    this.order = new MaglevOrder(table, host);
    this.record = new OwnershipRecord(state, namespace, settings, listener);
    this.drains = new DrainRecord(state, namespace, planner, clock, boot, listener);
    this.out = new OutRecord(state, namespace, clock, boot, listener);
    this.lasting = new Lasting(listener);
    this.guard = new ShrinkGuard(settings.maxShrink());
    this.announcing = settings.announcing();
    this.nextAudit = clock.getAsLong();
  }

  /** Reads the record and adopts the table; deletes nothing. */
  void start() {
    record.load();
    drains.load();
    planner.wereOut(out.load());
    audit(Long.MAX_VALUE);
  }

  /** Takes in what happened, in order, and programs it. */
  void handle(List<Event> events) {
    List<Event> taken = new ArrayList<>(events.size());
    for (Event event : events) {
      if (event instanceof Event.RoutersChanged changed) {
        announcing = new Announcing.Elected(changed.routers());
        hostDue = true;
      } else if (event instanceof Event.HealthChanged changed) {
        if (health.heard(planner, changed)) {
          taken.add(event);
        }
      } else if (passes(event)) {
        planner.handle(event);
        record.noteOwners(event);
        taken.add(event);
      }
    }
    if (taken.stream().anyMatch(SyncLoop::isOfServices)) {
      lasting.refused(planner.refused());
      hostDue = true;
    }
    boolean done = looked && kernelTurn(this::program);
    if (done && hostDue) {
      settle(false);
    }
    if (settings.adopt() && !lasting.refused().isEmpty()) {
      auditSoon(); // what is taken over has to be read first
    }
    if (done && whole) {
      long now = clock.getAsLong();
      for (Event event : taken) {
        listener.programmed(event, now - event.receivedNanos());
      }
    }
    drains.keep();
    publish();
  }

  private static boolean isOfServices(Event event) {
    return !(event instanceof Event.EndpointsChanged || event instanceof Event.HealthChanged);
  }

  private boolean passes(Event event) {
    if (!(event instanceof Event.DesiredReplaced replaced)) {
      return true;
    }
    guarding = true;
    if (planner.known()) {
      guard = guard.against(planner.wantedServices(), planner.wantedEndpoints());
    }
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
    if (underway != null) {
      return clock.getAsLong();
    }
    long next = nextAudit;
    for (OptionalLong other :
        List.of(planner.nextDeadline(), host.nextDeadline(), health.nextDeadline(planner))) {
      if (other.isPresent() && other.getAsLong() - next < 0) {
        next = other.getAsLong();
      }
    }
    return next;
  }

  /** Does what is due by now: part of an audit, the end of a drain, a word to neighbours. */
  void tick() {
    long now = clock.getAsLong();
    OptionalLong words = host.nextDeadline();
    if (words.isPresent() && now - words.getAsLong() >= 0 && host.tick()) {
      hostDue = true; // another router answers, or none any more
      settle(false);
      publish();
    }
    boolean changed = health.tick(planner);
    if (underway != null || now - nextAudit >= 0) {
      audit(STEP.toNanos());
    } else if (changed
        || (planner.nextDeadline().isPresent() && now - planner.nextDeadline().getAsLong() >= 0)) {
      if (kernelTurn(this::program) && hostDue) {
        settle(false);
      }
      drains.keep();
      publish();
    }
  }

  /**
   * Goes on with an audit, or begins one.
   *
   * @param limitNanos how long it may go on before events are looked for again
   */
  private void audit(long limitNanos) {
    long start = clock.getAsLong();
    if (underway == null) {
      nextAudit = start + settings.auditInterval().toNanos();
    }
    if (kernelTurn(() -> proceed(start, limitNanos))) {
      Audit audit = Objects.requireNonNull(underway);
      boolean last = audit.stage() == Audit.Stage.SETTLE && clock.getAsLong() - start < limitNanos;
      if (last) {
        underway = null;
        if (hostDue || clock.getAsLong() - hostSettled >= pause(hostNanos, audit)) {
          settle(true);
        }
      }
      audit.busy(clock.getAsLong() - start);
      if (last) {
        finish(audit);
      }
    }
    drains.keep();
    publish();
  }

  /** Goes on, up to what is done around the table at the end. */
  private void proceed(long start, long limitNanos) {
    if (underway == null) {
      underway = begin();
    }
    Audit audit = underway;
    while (audit.stage() != Audit.Stage.SETTLE && clock.getAsLong() - start < limitNanos) {
      switch (audit.stage()) {
        case LIST -> {
          if (!audit.list(planner::owned)) {
            continue;
          }
          listed(audit, start);
        }
        case ADOPT -> adopt(audit);
        case READ -> read(audit);
        case REORDER -> {
          seenAll(audit);
          repair(audit);
          lasting.errors(audit.errors());
          if (!audit.hasProgrammed()) {
            restoreOrder(audit);
          }
        }
        case SETTLE -> {}
      }
      audit.proceed();
    }
    if (audit.stage() == Audit.Stage.READ && looked) {
      repair(audit); // what was read until now
    }
  }

  private Audit begin() {
    repairedBefore = repaired();
    surprised = false;
    hurried = false;
    return new Audit(table, dump);
  }

  /** What is listed is compared at once: what we do to services later is not in the list. */
  private void listed(Audit audit, long start) {
    planner.listed(audit.services(), record::ours, settings.adopt());
    health.listed(table.marked());
    notePresent(audit.services());
    long now = clock.getAsLong();
    nextAudit = Math.max(nextAudit - now, pause(now - start, audit)) + now;
  }

  /** How long something rests that took so long. */
  private long pause(long nanos, Audit audit) {
    return audit.services().size() < MANY
        ? 0
        : Math.min(RARELY * nanos, AT_LEAST * settings.auditInterval().toNanos());
  }

  private void adopt(Audit audit) {
    Set<ServiceKey> owned = planner.owned();
    withoutSourceNat.retainAll(owned);
    foreign = audit.others(owned);
    lasting.refused(planner.refused());
    record.revise(owned, audit.services());
  }

  private void read(Audit audit) {
    Audit.Step step = audit.step();
    if (step.value().isPresent()) {
      // One that we deleted since may be another program's by now: the next list tells.
      if (settings.adopt() || record.ours(step.service().orElseThrow())) {
        planner.seen(step.value().get());
        noteConnections(step.now().orElseThrow());
        health.counted(planner, step.now().orElseThrow());
      }
    } else {
      step.service().ifPresent(planner::unseen);
    }
  }

  private void seenAll(Audit audit) {
    planner.observed();
    dump = audit.read();
    dumpedNanos = clock.getAsLong();
    lasting.unreadable(table.unreadable());
    looked = true;
    guardWhatIsThere(audit);
  }

  private void repair(Audit audit) {
    if (program()) {
      audit.programmed();
    }
  }

  private void auditSoon() {
    nextAudit = clock.getAsLong();
    hurried = true;
  }

  private void finish(Audit audit) {
    rushed &= surprised;
    if (host.layer2() && planner.known()) {
      unable.seen(planner.unserved(withoutSourceNat));
    }
    withoutBackend = planner.withoutBackend();
    long busy = audit.busyNanos();
    long now = clock.getAsLong();
    if (!hurried && nextAudit - now < busy) {
      nextAudit = now + busy; // a slow machine is not to do nothing else
    }
    listener.audited(busy);
    if (repaired() > repairedBefore) {
      listener.repaired(repaired() - repairedBefore);
    }
  }

  /** Of UDP the kernel knows no state: a flow counts until it has timed out. */
  private void noteConnections(ObservedService seen) {
    if (planner.draining() == 0) {
      return;
    }
    ServiceKey key = seen.value().orElseThrow().key();
    long now = clock.getAsLong();
    for (ObservedDestination destination : seen.destinations()) {
      boolean any =
          destination.activeConnections() > 0
              || (key.protocol() == Protocol.UDP && destination.inactiveConnections() > 0);
      planner.connections(key, destination.value().key(), any, now);
    }
  }

  /** When an audit found nothing else to do: the dump is then the table. */
  private void restoreOrder(Audit audit) {
    Optional<Duration> after = settings.reorderAfter();
    if (!programmed || after.isEmpty()) {
      return;
    }
    long now = clock.getAsLong();
    Set<ServiceKey> owned = planner.owned();
    changedNanos.values().removeIf(since -> now - since >= after.get().toNanos());
    MaglevOrder.Result result =
        order.restore(
            dump,
            key -> owned.contains(key) && !changedNanos.containsKey(key) && !audit.hasChanged(key));
    result.lost().forEach(planner::acknowledged);
    if (!result.lost().isEmpty()) {
      auditSoon(); // what the kernel did not take again is missing
    }
    if (result.moved() > 0) {
      listener.reordered(result.moved());
    }
  }

  /** A dump can skip an entry: what either of the last two showed is taken to be there. */
  private void notePresent(Set<ServiceKey> seen) {
    present = seenLast;
    present.addAll(seen);
    seenLast = new HashSet<>(seen);
  }

  /**
   * Makes the machine ready for what the table now holds. What an audit finds changed although
   * nothing else is needed than before is another program's doing.
   */
  private void settle(boolean audit) {
    if (!planner.known()) {
      return; // what is needed is not known yet, and nothing may be taken away
    }
    long start = clock.getAsLong();
    HostNeeds needs = needs();
    Host.Report report = host.settle(needs);
    hostSettled = clock.getAsLong();
    hostNanos = hostSettled - start;
    if (audit && !hostDue && lasting.hostReady() && needs.equals(settled)) {
      hostRepaired += report.changes().stream().filter(SyncLoop::isRepair).count();
    }
    hostDue = false;
    settled = needs;
    if (!report.changes().isEmpty()) {
      listener.hostChanged(report.changes());
    }
    lasting.host(report);
  }

  /** An address goes from a network for reasons of our own: its link is down, or others answer. */
  private static boolean isRepair(HostChange change) {
    return change.kind() != HostChange.Kind.ANNOUNCEMENT
        || change.action() != HostChange.Action.DELETE;
  }

  private HostNeeds needs() {
    return planner
        .needs(Collections.unmodifiableSortedSet(new TreeSet<>(present)), foreign)
        .with(announcing)
        .without(withoutSourceNat);
  }

  private long repaired() {
    return planner.repaired() + hostRepaired;
  }

  /** A restart with half of the input must not delete the other half at once. */
  private void guardWhatIsThere(Audit audit) {
    if (guarding) {
      return;
    }
    guarding = true;
    int services = 0;
    int destinations = 0;
    for (EffectiveService held : audit.effective().values()) {
      if (record.ours(held.value().key())) {
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
      giveUp();
      listener.kernelFailed(e, kernelFailing);
      kernelFailing = true;
      return false;
    } catch (RuntimeException e) {
      giveUp();
      throw e;
    }
  }

  /** What was read may be other by now. */
  private void giveUp() {
    planner.unsure();
    underway = null;
  }

  /**
   * Executes what follows from the planner's state; answers whether anything did. What is known to
   * be refused is not tried again before an audit.
   */
  private boolean program() {
    Set<ProgramError> errorsNow = new LinkedHashSet<>();
    List<Change> changes = planner.changes(clock.getAsLong());
    Set<ServiceKey> recordedBefore = record.services();
    Set<ServiceKey> unmade = Programmer.added(changes.stream().map(Change::command));
    Allowed allowed = prepare(changes);
    changes = allowed.changes();
    errorsNow.addAll(allowed.errors());
    whole = allowed.errors().isEmpty();
    Set<ServiceKey> services = new HashSet<>(); // what is not made may become somebody else's
    for (Change change : changes) {
      if (change.kind() == Change.Kind.SERVICE) {
        services.add(change.command().service());
      }
    }
    boolean dropped = false;
    if ((!services.isEmpty() || record.failing()) && !record.add(services)) {
      Set<ServiceKey> recorded = record.services();
      List<Change> writable =
          changes.stream().filter(change -> recorded.contains(change.command().service())).toList();
      dropped = writable.size() < changes.size();
      changes = writable;
    }
    record.error().ifPresent(errorsNow::add);
    whole &= !dropped;
    if (!changes.isEmpty()) {
      Programmer.Result result = programmer.execute(changes, this::idle, stopping);
      Set<ServiceKey> gone = take(result.acknowledged());
      errorsNow.addAll(result.errors());
      whole &= result.errors().isEmpty();
      Set<ServiceKey> there = Programmer.added(result.acknowledged().stream());
      for (ServiceKey taken : result.taken()) {
        if (recordedBefore.contains(taken)) {
          there.add(taken); // the dump skipped it
        } else {
          errorsNow.add(Programmer.takenError(taken));
        }
      }
      record.there(there);
      unmade.removeAll(there);
      unmade.removeAll(recordedBefore); // a dump may have skipped them: the next one tells
      unmade.retainAll(record.services());
      gone.addAll(unmade);
      if (!gone.isEmpty()) {
        record.remove(gone);
      }
      surprised |= !result.taken().isEmpty() || !result.vanished().isEmpty();
      if (surprised && !rushed) {
        rushed = true; // where that does not help, then at the interval
        auditSoon(); // the table is not what we thought: look again
      }
      if (!result.done().isEmpty()) {
        listener.changed(result.done(), result.kernelNanos());
      }
    }
    lasting.also(errorsNow);
    if (underway != null) {
      underway.met(errorsNow);
    }
    programmed |= looked && planner.known() && !dropped;
    return !changes.isEmpty();
  }

  /** Makes the machine ready for changes; answers which may then be carried out. */
  private Allowed prepare(List<Change> changes) {
    Set<ServiceKey> touched = new HashSet<>();
    changes.forEach(change -> touched.add(change.command().service()));
    withoutSourceNat.removeAll(touched); // looked at again
    Allowed.Beginning beginning = new Allowed.Beginning(new HashMap<>(), new HashMap<>());
    for (ServiceKey service : touched) {
      if (planner.beginsSourceNat(service)) {
        beginning.sourceNat().put(service, record.owner(service));
      }
      if (planner.beginsSourceRanges(service)) {
        beginning.sourceRanges().put(service, record.owner(service));
      }
    }
    if (beginning.isEmpty()
        && changes.stream().noneMatch(change -> change.kind() == Change.Kind.SERVICE)) {
      return new Allowed(changes, Set.of(), List.of());
    }
    hostDue = true;
    HostNeeds needs = needs();
    Allowed allowed = Allowed.beforehand(host, needs, changes, beginning);
    Host.Report prepared = host.prepare(needs.without(allowed.refused()));
    if (!prepared.changes().isEmpty()) {
      listener.hostChanged(prepared.changes());
    }
    allowed = allowed.on(prepared, beginning);
    withoutSourceNat.addAll(allowed.refused());
    return allowed;
  }

  /** Takes in what the kernel carried out; answers which services are gone. */
  private Set<ServiceKey> take(List<Command> acknowledged) {
    Set<ServiceKey> gone = new HashSet<>();
    for (Command command : acknowledged) {
      planner.acknowledged(command);
      if (underway != null) {
        underway.changed(command.service());
      }
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
    return gone;
  }

  private Optional<VirtualService> idle(ServiceKey service) {
    return Observed.of(table.dump()).idle(service); // rare: connections may have come meanwhile
  }

  private void publish() {
    if (planner.conditionsVersion() != conditionsVersion) {
      conditionsVersion = planner.conditionsVersion();
      Map<ServiceDestination, Condition> before = conditions;
      conditions = Map.copyOf(planner.conditions());
      tellHealth(before);
      tellPanic(planner.panicking());
    }
    if (programmed) { // before that nobody was judged
      out.keep(conditions, conditionsVersion);
    }
    if (record.ownersVersion() != ownersVersion) {
      ownersVersion = record.ownersVersion();
      owners = record.owners();
    }
    snapshot =
        new Snapshot(
            dump,
            dumpedNanos,
            record.services(),
            lasting.refused(),
            lasting.allErrors(),
            held,
            planner.draining(),
            repaired(),
            programmed,
            host.announced(),
            owners,
            conditions,
            panicking,
            withoutBackend,
            unable.now());
  }

  private void tellHealth(Map<ServiceDestination, Condition> before) {
    conditions.forEach(
        (of, condition) -> {
          if (isOut(condition) && !isOut(before.get(of))) {
            listener.tookOut(of, record.owner(of.service()), condition.reason());
          }
        });
    before.forEach(
        (of, condition) -> {
          if (isOut(condition) && !isOut(conditions.get(of)) && planner.serves(of)) {
            listener.tookBack(of, record.owner(of.service()));
          }
        });
  }

  private static boolean isOut(@Nullable Condition condition) {
    return condition != null && condition.state() == Condition.State.OUT;
  }

  private void tellPanic(Set<ServiceKey> now) {
    for (ServiceKey service : now) {
      if (!panicking.contains(service)) {
        listener.panic(service, record.owner(service), Panic.BEGINS);
      }
    }
    for (ServiceKey service : panicking) {
      if (!now.contains(service)) {
        listener.panic(
            service, record.owner(service), anyOut(service) ? Panic.SOME_OUT : Panic.NONE_OUT);
      }
    }
    panicking = now;
  }

  private boolean anyOut(ServiceKey service) {
    return conditions.entrySet().stream()
        .anyMatch(entry -> entry.getKey().service().equals(service) && isOut(entry.getValue()));
  }

  Snapshot snapshot() {
    return snapshot;
  }
}
