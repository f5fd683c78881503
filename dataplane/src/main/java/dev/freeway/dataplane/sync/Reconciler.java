package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.Diff;
import dev.freeway.dataplane.core.Effective;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Brings the kernel's table to a desired state once, and goes: {@code plan} and {@code apply}. Used
 * by one thread.
 */
public final class Reconciler {
  /** Passes over the table; a second one where another program deleted a service meanwhile. */
  private static final int ROUNDS = 2;

  private final IpvsTable table;
  private final StateDirectory state;
  private final Namespace namespace;
  private final Settings settings;
  private final LongSupplier clock;
  private final BootClock boot;
  private final Host host;

  /** A reconciler on a machine that somebody else prepares. */
  public Reconciler(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock,
      BootClock boot) {
    this(table, state, namespace, settings, clock, boot, Host.NONE);
  }

  /**
   * A reconciler.
   *
   * @param clock the time in nanoseconds, as {@link System#nanoTime}
   * @param boot the time since the boot, by which drains of an earlier process are timed
   * @param host prepared for the services, in the same namespace
   */
  public Reconciler(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock,
      BootClock boot,
      Host host) {
    this.table = table;
    this.state = state;
    this.namespace = namespace;
    this.settings = settings;
    this.clock = clock;
    this.boot = boot;
    this.host = host;
  }

  /**
   * What one look at the table, the record and the desired state comes to.
   *
   * @param record what the record is to say of services
   * @param known what is recorded of drains
   * @param drains what is to be, once the plan is carried out
   * @param knownOut what is recorded of destinations that are out by their health
   * @param out what is to be
   */
  private record Look(
      Plan plan,
      Observed observed,
      StateDirectory.Recorded recorded,
      SortedMap<ServiceKey, String> record,
      SortedMap<ServiceDestination, Long> known,
      SortedMap<ServiceDestination, Long> drains,
      SortedMap<ServiceDestination, Long> knownOut,
      SortedMap<ServiceDestination, Long> out,
      HostNeeds needs,
      SortedSet<ServiceKey> held,
      long kernelNanos) {}

  /**
   * What would be done; changes nothing.
   *
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the kernel refuses the dump
   * @throws StateException when the record cannot be read
   */
  public Plan plan(Desired desired) {
    return plan(desired, Absence.UNWANTED);
  }

  /**
   * What would be done; changes nothing.
   *
   * @param absence what becomes of what is ours and not named in {@code desired}
   */
  public Plan plan(Desired desired, Absence absence) {
    Look look = look(desired, absence);
    Host.Report pending = host.pending(look.needs);
    Allowed allowed = Allowed.on(pending, look.plan.changes(), beginning(look));
    Host.Report rest =
        allowed.refused().isEmpty() ? pending : host.pending(look.needs.without(allowed.refused()));
    List<ProgramError> errors = new ArrayList<>();
    for (Optional<ProgramError> cause : List.of(rest.sourceNat(), rest.sourceRanges())) {
      cause.filter(one -> !rest.errors().contains(one)).ifPresent(errors::add);
    }
    errors.addAll(allowed.errors());
    return new Plan(
        allowed.changes(),
        look.plan.refused(),
        look.plan.draining(),
        look.plan.findings(),
        look.plan.out(),
        new Host.Report(
            rest.changes(),
            rest.errors(),
            rest.notes(),
            pending.sourceNat(),
            pending.sourceRanges()),
        errors);
  }

  /** Services for which the machine has to do something first, and whose they are. */
  private static Allowed.Beginning beginning(Look look) {
    Map<ServiceKey, String> sourceNat = new TreeMap<>();
    Map<ServiceKey, String> sourceRanges = new TreeMap<>();
    look.needs
        .services()
        .forEach(
            (key, need) -> {
              EffectiveService held = look.observed.services().get(key);
              if (need.sourceNat() && (held == null || !held.translates())) {
                sourceNat.put(key, look.record.getOrDefault(key, ""));
              }
              if (need.sourceRanges().limited() && held == null) {
                sourceRanges.put(key, look.record.getOrDefault(key, ""));
              }
            });
    return new Allowed.Beginning(sourceNat, sourceRanges);
  }

  /**
   * Does it, and never waits for drains to end.
   *
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the kernel refuses the dump, or the
   *     socket fails; running it again goes on where this ended
   * @throws StateException when the record cannot be written; the kernel is then untouched
   */
  public Outcome apply(Desired desired) {
    return apply(desired, Absence.UNWANTED);
  }

  /**
   * The same.
   *
   * @param absence as for {@link #plan(Desired, Absence)}
   */
  public Outcome apply(Desired desired, Absence absence) {
    long start = clock.getAsLong();
    long kernelNanos = 0;
    Programmer programmer = new Programmer(table, clock);
    List<Change> done = new ArrayList<>();
    List<HostChange> hostChanges = new ArrayList<>();
    for (int round = 1; ; round++) {
      Look look = look(desired, absence);
      kernelNanos += look.kernelNanos;
      Allowed.Beginning beginning = beginning(look);
      Allowed allowed = Allowed.beforehand(host, look.needs, look.plan.changes(), beginning);
      SortedMap<ServiceKey, String> before = new TreeMap<>(look.record);
      before.keySet().removeAll(unmade(look, allowed.refused()));
      if (!before.equals(look.recorded.owners())) {
        state.record(namespace, before);
      }
      Host.Report prepared = host.prepare(look.needs.without(allowed.refused()));
      hostChanges.addAll(prepared.changes());
      allowed = allowed.on(prepared, beginning);
      Programmer.Result result;
      try {
        result = programmer.execute(allowed.changes(), look.observed::idle, () -> false);
      } catch (NetlinkException e) {
        return interrupted(done, look, hostChanges, kernelNanos, clock.getAsLong() - start, e);
      }
      kernelNanos += result.kernelNanos();
      done.addAll(result.done());
      List<ProgramError> errors = new ArrayList<>(allowed.errors());
      errors.addAll(result.errors());
      Set<ServiceKey> vanished = new TreeSet<>(result.vanished());
      SortedMap<ServiceKey, String> after = new TreeMap<>(before);
      after.keySet().removeAll(unmade(look, failed(look, result)));
      for (ServiceKey taken : result.taken()) {
        if (look.recorded.services().contains(taken)) {
          vanished.add(taken); // ours: the dump skipped it
        } else {
          after.remove(taken);
          errors.add(Programmer.takenError(taken));
        }
      }
      for (Change change : result.done()) {
        if (change.command() instanceof Command.DeleteService delete) {
          after.remove(delete.service());
        }
      }
      SortedMap<ServiceDestination, Long> drains = new TreeMap<>(look.drains);
      drains.keySet().removeIf(drain -> !after.containsKey(drain.service()));
      if (!after.equals(before)) {
        try {
          state.record(namespace, after);
        } catch (StateException e) { // it names more than is there
          errors.add(Refusals.record(e));
        }
      }
      if (!drains.equals(look.known)) {
        try {
          state.recordDrains(namespace, drains);
        } catch (StateException e) { // they may last longer
          errors.add(Refusals.drains(e));
        }
      }
      if (!look.out.equals(look.knownOut)) {
        try {
          state.recordOut(namespace, look.out);
        } catch (StateException e) { // what is used again now may be left out by a later one
          errors.add(Refusals.out(e));
        }
      }
      if (vanished.isEmpty() || round == ROUNDS) {
        for (ServiceKey service : vanished) {
          errors.add(Programmer.vanishedError(service));
        }
        Host.Report settled = host.settle(needsAfter(look, result).without(allowed.refused()));
        errors.addAll(restoreOrder(done, look));
        hostChanges.addAll(settled.changes());
        return new Outcome(
            done,
            kernelNanos,
            clock.getAsLong() - start,
            look.plan.draining(),
            errors,
            look.plan.refused(),
            look.plan.findings(),
            look.plan.out(),
            new Host.Report(
                hostChanges,
                settled.errors(),
                settled.notes(),
                settled.sourceNat(),
                settled.sourceRanges()),
            false);
      }
    }
  }

  /** The services that were to be made, and were not: refused, or failed. */
  private static Set<ServiceKey> failed(Look look, Programmer.Result result) {
    Set<ServiceKey> failed = Programmer.added(look.plan.changes().stream().map(Change::command));
    failed.removeAll(Programmer.added(result.acknowledged().stream()));
    failed.removeAll(result.taken());
    return failed;
  }

  /** Those that are not there: another program may make them, and then they are not ours. */
  private Set<ServiceKey> unmade(Look look, Set<ServiceKey> failed) {
    Set<ServiceKey> unmade = new TreeSet<>(failed);
    unmade.removeAll(look.observed.services().keySet());
    if (unmade.stream().anyMatch(look.recorded.services()::contains)) { // or the dump skipped it
      unmade.removeAll(Observed.of(table.dump()).services().keySet());
    }
    return unmade;
  }

  private static Outcome interrupted(
      List<Change> done,
      Look look,
      List<HostChange> hostChanges,
      long kernelNanos,
      long totalNanos,
      NetlinkException failure) {
    return new Outcome(
        done,
        kernelNanos,
        totalNanos,
        look.plan.draining(),
        List.of(
            new ProgramError(
                "change the table",
                failure.errno(),
                String.valueOf(failure.getMessage()),
                "another apply, which goes on where this one ended")),
        look.plan.refused(),
        look.plan.findings(),
        look.plan.out(),
        new Host.Report(hostChanges, List.of(), List.of()),
        true);
  }

  /** A destination that was added to a service in use was added last, which is not its place. */
  private List<ProgramError> restoreOrder(List<Change> done, Look look) {
    Set<ServiceKey> grown = new TreeSet<>();
    for (Change change : done) {
      if (change.command() instanceof Command.AddDestination add
          && look.observed.services().containsKey(add.service())) {
        grown.add(add.service());
      }
    }
    List<ProgramError> lost = new ArrayList<>();
    if (grown.isEmpty() || settings.reorderAfter().isEmpty()) {
      return lost;
    }
    MaglevOrder order = new MaglevOrder(table, host);
    MaglevOrder.Result result;
    do { // some at a time
      result = order.restore(table.dump(), grown::contains);
      for (Command command : result.lost()) {
        lost.add(MaglevOrder.lostError(command));
      }
    } while (result.moved() > 0 && result.lost().isEmpty());
    return lost;
  }

  /** The same needs with what the table really holds now. */
  private static HostNeeds needsAfter(Look look, Programmer.Result result) {
    TreeSet<ServiceKey> held = new TreeSet<>(look.held);
    for (Command command : result.acknowledged()) {
      switch (command) {
        case Command.AddService add -> held.add(add.service());
        case Command.DeleteService delete -> held.remove(delete.service());
        default -> {}
      }
    }
    TreeSet<ServiceKey> present = new TreeSet<>(look.needs.present());
    for (Command command : result.acknowledged()) {
      if (command instanceof Command.DeleteService delete) {
        present.remove(delete.service());
      }
    }
    return new HostNeeds(
        look.needs.services(), held, present, look.needs.foreign(), look.needs.announcing());
  }

  private Look look(Desired desired, Absence absence) {
    StateDirectory.Recorded recorded = state.ownership(namespace);
    Ownership ownership = new Ownership(recorded.services(), settings.pool(), settings.adopt());
    long dumpStart = clock.getAsLong();
    List<ObservedService> dump = table.dump();
    long kernelNanos = clock.getAsLong() - dumpStart;
    Observed observed = Observed.of(dump);
    TreeMap<ServiceKey, DesiredService> wanted = new TreeMap<>();
    List<Ownership.Refusal> refused = new ArrayList<>();
    for (DesiredService service : desired.services().values()) {
      ServiceKey key = service.service().key();
      if (observed.services().containsKey(key) && !ownership.ours(key) && !ownership.adopt()) {
        refused.add(Ownership.Refusal.of(service));
      } else {
        wanted.put(key, service);
      }
    }
    TreeMap<ServiceKey, EffectiveService> ours = new TreeMap<>();
    for (Map.Entry<ServiceKey, EffectiveService> entry : observed.services().entrySet()) {
      ServiceKey key = entry.getKey();
      if (wanted.containsKey(key) || (!absence.servicesStay() && ownership.ours(key))) {
        ours.put(key, entry.getValue());
      }
    }
    TreeSet<ServiceKey> held = new TreeSet<>();
    for (ServiceKey key : observed.services().keySet()) {
      if (wanted.containsKey(key) || ownership.ours(key)) {
        held.add(key);
      }
    }
    TreeSet<ServiceKey> toBeHeld = new TreeSet<>(wanted.keySet());
    if (absence.servicesStay()) {
      toBeHeld.addAll(held);
    }
    boolean foreign =
        dump.stream()
            .anyMatch(seen -> seen.value().isEmpty() || !held.contains(seen.value().get().key()));
    Desired accepted = new Desired(wanted);
    Effective before = new Effective(ours);
    Policy policy = new Policy(settings.drainLimit());
    long today = boot.millis();
    SortedMap<ServiceDestination, Long> known = state.drains(namespace, today);
    Policy.DrainClock since = since(known, before);
    long now = TimeUnit.MILLISECONDS.toNanos(today);
    SortedMap<ServiceDestination, Long> recordedOut = state.out(namespace, today);
    KnownOut knownOut = KnownOut.of(recordedOut, wanted, before);
    Effective after = policy.effective(accepted, before, since, knownOut::health, now);
    SortedMap<ServiceKey, DesiredService> keeping = new TreeMap<>(wanted);
    keeping
        .values()
        .removeIf(
            service ->
                !absence.destinationsStay().test(service.owner())
                    || !service.mayKeepThoseOf(
                        recorded.owners().getOrDefault(service.service().key(), "")));
    after = Policy.keeping(after, new Desired(keeping), before);
    TreeMap<ServiceKey, HostNeeds.Need> services = new TreeMap<>();
    wanted.forEach((key, service) -> services.put(key, HostNeeds.Need.of(service)));
    services.putAll(needsOfKept(keeping, before));
    List<Change> changes =
        Diff.between(before, after, policy.reasons(accepted, before, since, knownOut::health, now));
    Predicate<ServiceDestination> unnamed =
        of -> {
          DesiredService service = wanted.get(of.service());
          return service == null
              ? absence.servicesStay()
              : keeping.containsKey(of.service())
                  && !service.endpoints().containsKey(of.destination());
        };
    SortedMap<ServiceDestination, Long> drains = new TreeMap<>(known);
    drains.keySet().removeIf(unnamed.negate()); // others stay: a later input may name them again
    SortedMap<ServiceDestination, Long> out = new TreeMap<>(recordedOut);
    out.keySet().removeIf(unnamed.negate());
    out.putAll(knownOut.since());
    Set<ServiceDestination> draining = Policy.draining(accepted, after);
    for (ServiceDestination drain : draining) {
      long begun = since.since(drain.service(), drain.destination());
      drains.put(drain, TimeUnit.NANOSECONDS.toMillis(begun == Policy.NOT_DRAINING ? now : begun));
    }
    SortedMap<ServiceKey, String> record = new TreeMap<>(recorded.owners());
    record.keySet().removeAll(ours.keySet());
    record.keySet().removeAll(wanted.keySet());
    if (!record.isEmpty()) { // a dump can skip an entry while another program changes the table
      record.keySet().retainAll(Observed.of(table.dump()).services().keySet());
    }
    TreeSet<ServiceKey> present = new TreeSet<>(observed.services().keySet());
    present.addAll(record.keySet());
    ours.keySet().forEach(key -> record.put(key, recorded.owners().getOrDefault(key, "")));
    wanted.forEach((key, service) -> record.put(key, service.owner()));
    return new Look(
        new Plan(
            changes,
            refused,
            draining.size(),
            recorded.findings(),
            since(knownOut, today),
            Host.Report.NOTHING,
            List.of()),
        observed,
        recorded,
        record,
        known,
        drains,
        recordedOut,
        out,
        new HostNeeds(services, toBeHeld, present, foreign, settings.announcing()),
        held,
        kernelNanos);
  }

  private static SortedMap<ServiceDestination, Duration> since(KnownOut out, long today) {
    SortedMap<ServiceDestination, Duration> since = new TreeMap<>();
    out.since().forEach((of, begun) -> since.put(of, Duration.ofMillis(today - begun)));
    return since;
  }

  /** What those need whose destinations are all earlier ones: packets go the way of those. */
  private SortedMap<ServiceKey, HostNeeds.Need> needsOfKept(
      SortedMap<ServiceKey, DesiredService> keeping, Effective before) {
    SortedMap<ServiceKey, HostNeeds.Need> needs = new TreeMap<>();
    if (keeping.isEmpty()) {
      return needs;
    }
    Set<ServiceKey> sourceNat = host.sourceNat();
    keeping.forEach(
        (key, service) -> {
          EffectiveService held = before.services().get(key);
          if (held != null && !held.destinations().isEmpty() && service.endpoints().isEmpty()) {
            DesiredService kept =
                Adopted.service(
                    held, service.owner(), sourceNat.contains(key), service.sourceRanges());
            needs.put(
                key,
                new HostNeeds.Need(
                    service.service().scheduler().name(),
                    kept.forwarding(),
                    kept.sourceNat(),
                    kept.sourceRanges(),
                    service.relay()));
          }
        });
    return needs;
  }

  /**
   * When recorded drains began. One that the kernel does not hold at weight 0 is of an earlier
   * drain: what ended it was not recorded, or what was to begin it was refused.
   */
  private static Policy.DrainClock since(
      SortedMap<ServiceDestination, Long> recorded, Effective observed) {
    return (service, destination) -> {
      Long millis =
          recorded.isEmpty() ? null : recorded.get(new ServiceDestination(service, destination));
      EffectiveService held = observed.services().get(service);
      Destination value = held == null ? null : held.destinations().get(destination);
      return millis == null || value == null || value.weight() != 0
          ? Policy.NOT_DRAINING
          : TimeUnit.MILLISECONDS.toNanos(millis);
    };
  }
}
