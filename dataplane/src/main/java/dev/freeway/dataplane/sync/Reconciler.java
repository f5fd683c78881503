package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Diff;
import dev.freeway.dataplane.core.Effective;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.IpvsTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;

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

  /**
   * A reconciler.
   *
   * @param clock the time in nanoseconds, as {@link System#nanoTime}
   */
  public Reconciler(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock) {
    this.table = table;
    this.state = state;
    this.namespace = namespace;
    this.settings = settings;
    this.clock = clock;
  }

  /** What one look at the table, the record and the desired state comes to. */
  private record Look(
      Plan plan,
      Observed observed,
      SortedMap<ServiceKey, String> recorded,
      SortedMap<ServiceKey, String> record) {}

  /**
   * What would be done; changes nothing.
   *
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the kernel refuses the dump
   * @throws StateException when the record cannot be read
   */
  public Plan plan(Desired desired) {
    return plan(desired, true);
  }

  /**
   * What would be done; changes nothing.
   *
   * @param whole whether what is ours and not named in {@code desired} is unwanted; false when part
   *     of the input could not be used, so that nothing may be concluded from an absence
   */
  public Plan plan(Desired desired, boolean whole) {
    return look(desired, whole).plan;
  }

  /**
   * Does it, and never waits for drains to end.
   *
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the kernel refuses the dump, or the
   *     socket fails; running it again goes on where this ended
   * @throws StateException when the record cannot be written; the kernel is then untouched
   */
  public Outcome apply(Desired desired) {
    return apply(desired, true);
  }

  /**
   * The same.
   *
   * @param whole as for {@link #plan(Desired, boolean)}
   */
  public Outcome apply(Desired desired, boolean whole) {
    long start = clock.getAsLong();
    long kernelNanos = 0;
    Programmer programmer = new Programmer(table, clock);
    List<Change> done = new ArrayList<>();
    for (int round = 1; ; round++) {
      long dumpStart = clock.getAsLong();
      Look look = look(desired, whole);
      kernelNanos += clock.getAsLong() - dumpStart;
      if (!look.record.equals(look.recorded)) {
        state.record(namespace, look.record);
      }
      Programmer.Result result =
          programmer.execute(look.plan.changes(), look.observed::idle, () -> false);
      kernelNanos += result.kernelNanos();
      done.addAll(result.done());
      List<ProgramError> errors = new ArrayList<>(result.errors());
      Set<ServiceKey> vanished = new TreeSet<>(result.vanished());
      SortedMap<ServiceKey, String> after = new TreeMap<>(look.record);
      for (ServiceKey taken : result.taken()) {
        if (look.recorded.containsKey(taken)) {
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
      if (!after.equals(look.record)) {
        state.record(namespace, after);
      }
      if (vanished.isEmpty() || round == ROUNDS) {
        for (ServiceKey service : vanished) {
          errors.add(Programmer.vanishedError(service));
        }
        return new Outcome(
            done,
            kernelNanos,
            clock.getAsLong() - start,
            look.plan.draining(),
            errors,
            look.plan.refused(),
            look.plan.findings());
      }
    }
  }

  private Look look(Desired desired, boolean whole) {
    StateDirectory.Recorded recorded = state.ownership(namespace);
    Ownership ownership = new Ownership(recorded.services(), settings.pool(), settings.adopt());
    Observed observed = Observed.of(table.dump());
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
      if (wanted.containsKey(key) || (whole && ownership.ours(key))) {
        ours.put(key, entry.getValue());
      }
    }
    Desired accepted = new Desired(wanted);
    Effective before = new Effective(ours);
    Policy policy = new Policy(settings.drainLimit());
    long now = clock.getAsLong();
    Effective after = policy.effective(accepted, before, Policy.DrainClock.ADOPTED, now);
    List<Change> changes =
        Diff.between(
            before, after, policy.reasons(accepted, before, Policy.DrainClock.ADOPTED, now));
    SortedMap<ServiceKey, String> record = new TreeMap<>(recorded.owners());
    record.keySet().removeAll(ours.keySet());
    record.keySet().removeAll(wanted.keySet());
    if (!record.isEmpty()) { // a dump can skip an entry while another program changes the table
      record.keySet().retainAll(Observed.of(table.dump()).services().keySet());
    }
    ours.keySet().forEach(key -> record.put(key, recorded.owners().getOrDefault(key, "")));
    wanted.forEach((key, service) -> record.put(key, service.owner()));
    return new Look(
        new Plan(changes, refused, Policy.draining(accepted, after), recorded.findings()),
        observed,
        recorded.owners(),
        record);
  }
}
