package dev.freeway.benchmarks;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Diff;
import dev.freeway.dataplane.core.Effective;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Planner;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The in-memory part at sizes up to the largest: one change, an audit that finds nothing, the diff
 * of two whole states, and bytes. Arguments: rounds, changes a round.
 */
final class Core {
  private static final int EACH = 10;
  private static final int[] SIZES = {1_000, 10_000, 100_000};

  private Core() {}

  /** A planner whose desired state is all in the kernel. */
  private record Settled(int size, Planner planner, long bytes) {}

  public static void main(String[] args) {
    int rounds = Integer.parseInt(args[0]);
    int changes = Integer.parseInt(args[1]);
    List<Settled> settled = new ArrayList<>();
    for (int size : SIZES) {
      settled.add(settle(size));
    }
    for (int round = -2; round < rounds; round++) {
      for (Settled each : settled) {
        double nanos = change(each.planner, each.size, changes);
        double audit = audit(each.planner, each.size);
        double diff = diff(each.size);
        if (round >= 0) {
          Samples.add("core.change." + each.size, nanos);
          Samples.add("core.audit." + each.size, audit);
          Samples.add("core.diff." + each.size, diff);
        }
      }
    }
    for (Settled each : settled) {
      Samples.add("core.bytes." + each.size, (double) each.bytes / each.size);
    }
    SliceWeight.measure();
  }

  private static Settled settle(int size) {
    long before = used();
    Planner planner = new Planner(new Policy(Duration.ofSeconds(30)));
    planner.handle(
        new Event.DesiredReplaced(Tables.desired(size / EACH, EACH, Scheduler.DEFAULT), 0));
    for (Change change : planner.changes(0)) {
      planner.acknowledged(change.command());
    }
    return new Settled(size, planner, used() - before);
  }

  /** The heap that is in use, in bytes. */
  static long used() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  /** Nanoseconds from an event to the acknowledged change, at random places of the table. */
  private static double change(Planner planner, int size, int changes) {
    SplittableRandom random = new SplittableRandom(size);
    long[] nanos = new long[changes];
    for (int i = 0; i < changes; i++) {
      int number = random.nextInt(size);
      Event event =
          new Event.EndpointsChanged(
              Tables.service(number / EACH),
              List.of(Tables.endpoint(number, 2 + random.nextInt(1000))),
              List.of(),
              i);
      long start = System.nanoTime();
      planner.handle(event);
      List<Change> follow = planner.changes(i);
      for (Change change : follow) {
        planner.acknowledged(change.command());
      }
      nanos[i] = System.nanoTime() - start;
    }
    Arrays.sort(nanos);
    return nanos[changes / 2];
  }

  /** Seconds of an audit that finds the kernel's table as it is to be. */
  private static double audit(Planner planner, int size) {
    // Back to weight 1 everywhere, and what a dump then shows.
    planner.handle(
        new Event.DesiredReplaced(Tables.desired(size / EACH, EACH, Scheduler.DEFAULT), 0));
    for (Change change : planner.changes(0)) {
      planner.acknowledged(change.command());
    }
    Effective dump = held(size);
    long start = System.nanoTime();
    planner.observe(dump.services(), key -> true, false);
    List<Change> changes = planner.changes(0);
    long nanos = System.nanoTime() - start;
    if (!changes.isEmpty()) {
      throw new IllegalStateException("the audit was to find nothing: " + changes.getFirst());
    }
    return nanos / 1e9;
  }

  /** Seconds to compare two whole states that differ in one destination. */
  private static double diff(int size) {
    Effective before = held(size);
    Effective after = held(size);
    EffectiveService first = after.services().firstEntry().getValue();
    Destination one = first.destinations().firstEntry().getValue();
    first.destinations().put(one.key(), one.with(7));
    long start = System.nanoTime();
    List<Change> changes = Diff.between(before, after, NO_REASONS);
    long nanos = System.nanoTime() - start;
    if (changes.size() != 1) {
      throw new IllegalStateException("one change expected: " + changes.size());
    }
    return nanos / 1e9;
  }

  /** The effective state of {@link Tables#desired}. */
  static Effective held(int size) {
    TreeMap<ServiceKey, EffectiveService> services = new TreeMap<>();
    Desired desired = Tables.desired(size / EACH, EACH, Scheduler.DEFAULT);
    for (DesiredService wanted : desired.services().values()) {
      TreeMap<DestinationKey, Destination> destinations = new TreeMap<>();
      for (Endpoint endpoint : wanted.endpoints().values()) {
        destinations.put(endpoint.destination().key(), endpoint.destination());
      }
      services.put(wanted.service().key(), new EffectiveService(wanted.service(), destinations));
    }
    return new Effective(services);
  }

  static final Diff.Reasons NO_REASONS =
      new Diff.Reasons() {
        @Override
        public String service(ServiceKey service) {
          return "";
        }

        @Override
        public String destination(ServiceKey service, DestinationKey destination) {
          return "";
        }
      };
}
