package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class PlannerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Policy POLICY = new Policy(Duration.ofSeconds(30));

  /** The same answers by the pure functions, from scratch each time. */
  private static final class Oracle {
    private Desired desired = new Desired(new TreeMap<>());
    private final Map<ServiceKey, Map<DestinationKey, Long>> since = new HashMap<>();

    private List<Change> changes(Effective table, long now) {
      Policy.DrainClock clock =
          (service, destination) ->
              since.getOrDefault(service, Map.of()).getOrDefault(destination, Policy.NOT_DRAINING);
      Effective after = POLICY.effective(desired, table, clock, now);
      List<Change> changes = Diff.between(table, after, POLICY.reasons(desired, table, clock, now));
      Map<ServiceKey, Map<DestinationKey, Long>> next = new HashMap<>();
      for (DesiredService service : desired.services().values()) {
        ServiceKey key = service.service().key();
        EffectiveService held = table.services().get(key);
        boolean anyReady = Policy.anyReady(service.endpoints().values());
        for (Endpoint endpoint : service.endpoints().values()) {
          DestinationKey at = endpoint.destination().key();
          Policy.Verdict verdict =
              POLICY.judge(
                  service.service(),
                  endpoint,
                  anyReady,
                  held == null ? null : held.destinations().get(at),
                  clock.since(key, at),
                  now);
          if (verdict instanceof Policy.Verdict.Draining draining) {
            next.computeIfAbsent(key, _ -> new HashMap<>()).put(at, draining.sinceNanos());
          }
        }
      }
      since.clear();
      since.putAll(next);
      return changes;
    }

    private void handle(Event event) {
      TreeMap<ServiceKey, DesiredService> services = new TreeMap<>(desired.services());
      switch (event) {
        case Event.DesiredReplaced replaced -> {
          services.clear();
          services.putAll(replaced.desired().services());
        }
        case Event.DesiredRecalled recalled -> services.putAll(recalled.desired().services());
        case Event.ServiceChanged changed ->
            services.put(changed.service().service().key(), changed.service());
        case Event.ServiceRemoved removed -> services.remove(removed.service());
        case Event.RoutersChanged _, Event.HealthChanged _ ->
            throw new IllegalArgumentException(event.toString());
        case Event.EndpointsChanged changed ->
            services.computeIfPresent(
                changed.service(),
                (_, service) -> {
                  TreeMap<DestinationKey, Endpoint> endpoints = new TreeMap<>(service.endpoints());
                  for (Endpoint endpoint : changed.present()) {
                    endpoints.put(endpoint.destination().key(), endpoint);
                  }
                  changed.gone().forEach(endpoints::remove);
                  return new DesiredService(
                      service.owner(),
                      service.service(),
                      service.forwarding(),
                      service.sourceNat(),
                      endpoints);
                });
      }
      desired = new Desired(services);
    }
  }

  private static Event event(RandomStates states, SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0 -> new Event.DesiredReplaced(states.desired(), 0);
      case 1 -> new Event.ServiceRemoved(states.serviceKey(), 0);
      case 2 -> new Event.ServiceChanged(states.desiredService(states.serviceKey()), 0);
      default -> {
        Endpoint present = states.endpoint();
        DestinationKey gone = states.destinationKey();
        yield new Event.EndpointsChanged(
            states.serviceKey(),
            random.nextBoolean() ? List.of(present) : List.of(),
            gone.equals(present.destination().key()) ? List.of() : List.of(gone),
            0);
      }
    };
  }

  private static void observe(Planner planner, Effective table) {
    planner.observe(table.services(), _ -> true, false);
  }

  @Test
  void followsEventsToTheSameChangesAsThePureFunctions() {
    for (long seed = 0; seed < 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      RandomStates states = new RandomStates(random, 4, 6);
      Planner planner = new Planner(POLICY);
      Oracle oracle = new Oracle();
      Effective table = states.effective();
      observe(planner, table);
      Event first = new Event.DesiredReplaced(states.desired(), 0);
      planner.handle(first);
      oracle.handle(first);
      long now = 0;
      for (int step = 0; step < 40; step++) {
        List<Change> expected = oracle.changes(table, now);
        List<Change> changes = planner.changes(now);
        assertThat(changes) // what drained, only who keeps the time of drains can say
            .usingRecursiveFieldByFieldElementComparatorIgnoringFields("drained")
            .as("seed %d step %d", seed, step)
            .isEqualTo(expected);
        for (Change change : changes) {
          table = RandomStates.apply(List.of(change), table);
          planner.acknowledged(change.command());
        }
        for (int i = random.nextInt(3); i >= 0; i--) {
          Event event = event(states, random);
          planner.handle(event);
          oracle.handle(event);
        }
        now += random.nextLong(20 * SECOND);
        if (random.nextInt(6) == 0) {
          observe(planner, table);
        }
      }
      assertThat(planner.repaired()).as("seed %d", seed).isZero();
    }
  }

  @Test
  void endsDrainsAtTheirDeadlineWithoutBeingAskedInBetween() {
    Planner planner = new Planner(POLICY);
    ServiceKey key = new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80);
    Destination one = Destination.of(at(1), Forwarding.DIRECT, 1);
    Destination two = Destination.of(at(2), Forwarding.DIRECT, 1);
    observe(planner, new Effective(new TreeMap<>()));
    planner.handle(
        new Event.DesiredReplaced(
            desired(
                key,
                new Endpoint(one, Endpoint.Condition.READY),
                new Endpoint(two, Endpoint.Condition.READY)),
            0));
    acknowledge(planner, planner.changes(0));
    assertThat(planner.nextDeadline()).isEmpty();

    planner.handle(
        new Event.EndpointsChanged(
            key, List.of(new Endpoint(one, Endpoint.Condition.TERMINATING)), List.of(), 0));
    List<Change> drain = planner.changes(5 * SECOND);
    assertThat(drain)
        .extracting(Change::command)
        .containsExactly(new Command.SetDestination(key, one.with(0)));
    acknowledge(planner, drain);
    assertThat(planner.draining()).isEqualTo(1);
    assertThat(planner.nextDeadline()).hasValue(35 * SECOND);
    assertThat(planner.changes(35 * SECOND - 1)).isEmpty();

    List<Change> end = planner.changes(35 * SECOND);
    assertThat(end)
        .extracting(Change::command)
        .containsExactly(new Command.DeleteDestination(key, at(1)));
    acknowledge(planner, end);
    assertThat(planner.draining()).isZero();
    assertThat(planner.nextDeadline()).isEmpty();
  }

  private static final ServiceKey WEB =
      new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80);

  /** What the kernel holds of {@link #WEB}, destinations 1 and up by their weights. */
  private static Effective held(int... weights) {
    TreeMap<DestinationKey, Destination> destinations = new TreeMap<>();
    for (int i = 0; i < weights.length; i++) {
      destinations.put(at(1 + i), Destination.of(at(1 + i), Forwarding.DIRECT, weights[i]));
    }
    return new Effective(
        new TreeMap<>(
            Map.of(
                WEB,
                new EffectiveService(VirtualService.of(WEB, Scheduler.DEFAULT), destinations))));
  }

  private static Endpoint endpoint(int number, Endpoint.Condition condition) {
    return new Endpoint(Destination.of(at(number), Forwarding.DIRECT, 1), condition);
  }

  @Test
  void resumedDrainsEndEachInItsTimeAndTheOthersBeginNow() {
    Planner planner = new Planner(POLICY);
    Map<DestinationKey, Long> before =
        Map.of(at(1), 20L, at(2), 10L, at(3), 0L, at(4), 15L, at(9), 15L);
    before.forEach(
        (key, seconds) -> planner.resume(new ServiceDestination(WEB, key), seconds * SECOND));
    observe(planner, held(0, 0, 0, 1, 0));
    assertThat(planner.changes(30 * SECOND)).isEmpty(); // nobody said what is desired
    assertThat(planner.drains()).hasSize(5);

    TreeMap<DestinationKey, Endpoint> endpoints = new TreeMap<>();
    for (int number = 1; number <= 5; number++) {
      endpoints.put(at(number), endpoint(number, Endpoint.Condition.TERMINATING));
    }
    planner.handle(
        new Event.DesiredReplaced(desired(WEB, endpoints.values().toArray(Endpoint[]::new)), 0));
    List<Change> changes = planner.changes(30 * SECOND);
    assertThat(changes)
        .extracting(Change::command)
        .containsExactly(
            new Command.SetDestination(WEB, Destination.of(at(4), Forwarding.DIRECT, 0)),
            new Command.DeleteDestination(WEB, at(3)));
    acknowledge(planner, changes);
    assertThat(planner.drains())
        .containsOnly(
            Map.entry(new ServiceDestination(WEB, at(1)), 20 * SECOND),
            Map.entry(new ServiceDestination(WEB, at(2)), 10 * SECOND),
            Map.entry(new ServiceDestination(WEB, at(4)), 30 * SECOND),
            Map.entry(new ServiceDestination(WEB, at(5)), 30 * SECOND));
    for (int end : new int[] {40, 50, 60}) {
      assertThat(planner.nextDeadline()).hasValue(end * SECOND);
      acknowledge(planner, planner.changes(end * SECOND));
    }
    assertThat(planner.draining()).isZero();
  }

  private static Event one(int weight, Endpoint.Condition condition) {
    Destination value = Destination.of(at(1), Forwarding.DIRECT, weight);
    return new Event.DesiredReplaced(desired(WEB, new Endpoint(value, condition)), 0);
  }

  @Test
  void aDrainIsResumedOnceAndNotAfterTheEndpointServed() {
    Planner planner = new Planner(POLICY);
    planner.resume(new ServiceDestination(WEB, at(1)), 0);
    observe(planner, held(0));
    planner.handle(one(1, Endpoint.Condition.READY));
    acknowledge(planner, planner.changes(SECOND));
    assertThat(planner.drains()).isEmpty();
    planner.handle(one(1, Endpoint.Condition.TERMINATING));
    acknowledge(planner, planner.changes(40 * SECOND));
    assertThat(planner.nextDeadline()).hasValue(70 * SECOND);
  }

  /** What stands in for a broken file asks for what the kernel holds. */
  @Test
  void aDrainIsResumedAfterAnInputThatAskedForWeightZeroMeanwhile() {
    Planner planner = new Planner(POLICY);
    ServiceDestination drain = new ServiceDestination(WEB, at(1));
    planner.resume(drain, 0);
    observe(planner, held(0));
    planner.handle(one(0, Endpoint.Condition.READY));
    for (int audit = 1; audit < 40; audit++) {
      assertThat(planner.changes(audit * SECOND)).isEmpty();
      assertThat(planner.drains()).containsOnlyKeys(drain);
      observe(planner, held(0));
    }
    assertThat(planner.draining()).as("nobody says that it is to end").isZero();
    planner.handle(one(1, Endpoint.Condition.TERMINATING));
    assertThat(planner.changes(40 * SECOND))
        .extracting(Change::command)
        .containsExactly(new Command.DeleteDestination(WEB, at(1)));

    planner.resume(drain, 0);
    planner.handle(one(0, Endpoint.Condition.READY));
    planner.changes(41 * SECOND);
    planner.handle(new Event.ServiceRemoved(WEB, 0));
    planner.changes(42 * SECOND);
    assertThat(planner.drains()).as("nobody asks for it").isEmpty();
  }

  @Test
  void deletesNothingBeforeAFirstWholeDesiredState() {
    Planner planner = new Planner(POLICY);
    Effective table = new RandomStates(new SplittableRandom(5), 6, 6).effective();
    assertThat(table.services()).isNotEmpty();
    observe(planner, table);
    assertThat(planner.changes(0)).isEmpty();

    planner.handle(new Event.DesiredReplaced(new Desired(new TreeMap<>()), 0));
    assertThat(planner.changes(1))
        .hasSameSizeAs(table.services().values())
        .allMatch(change -> change.command() instanceof Command.DeleteService);
  }

  @Test
  void countsWhatOthersChangedOnceItIsMended() {
    for (long seed = 0; seed < 100; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      RandomStates states = new RandomStates(random, 3, 5);
      Planner planner = new Planner(POLICY);
      observe(planner, new Effective(new TreeMap<>()));
      Desired desired = states.desired();
      planner.handle(new Event.DesiredReplaced(desired, 0));
      Effective table = RandomStates.apply(planner.changes(0), new Effective(new TreeMap<>()));
      Planner adopted = new Planner(POLICY);
      observe(adopted, table);
      adopted.handle(new Event.DesiredReplaced(desired, 0));
      assertThat(adopted.changes(0)).as("seed %d", seed).isEmpty();

      Map<ServiceKey, EffectiveService> tampered = new TreeMap<>(table.services());
      int tamperings = 0;
      for (EffectiveService service : table.services().values()) {
        if (!service.destinations().isEmpty()) {
          TreeMap<DestinationKey, Destination> destinations = new TreeMap<>(service.destinations());
          destinations.remove(destinations.firstKey());
          tampered.put(service.value().key(), new EffectiveService(service.value(), destinations));
          tamperings++;
        }
      }
      adopted.observe(tampered, _ -> true, false);
      List<Change> repairs = adopted.changes(1);
      assertThat(repairs)
          .as("seed %d", seed)
          .hasSize(tamperings)
          .allMatch(change -> change.reason().contains("another program"));
      acknowledge(adopted, repairs);
      assertThat(adopted.repaired()).isEqualTo(tamperings);
    }
  }

  /** Nobody knows what was done when the socket failed: what a dump shows may be our own doing. */
  @Test
  void whatAFailedSocketLeftIsNoTampering() {
    ServiceKey key = new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80);
    Planner planner = new Planner(POLICY);
    observe(planner, new Effective(new TreeMap<>()));
    planner.handle(new Event.DesiredReplaced(desired(key, ready(1)), 0));
    acknowledge(planner, planner.changes(0));
    planner.handle(new Event.EndpointsChanged(key, List.of(ready(9)), List.of(), 0));
    List<Change> sent = planner.changes(1);
    planner.unsure();
    planner.handle(new Event.EndpointsChanged(key, List.of(ready(3)), List.of(), 0));
    TreeMap<DestinationKey, Destination> arrived = new TreeMap<>();
    arrived.put(at(1), ready(9).destination());
    observe(
        planner,
        new Effective(
            new TreeMap<>(
                Map.of(
                    key,
                    new EffectiveService(VirtualService.of(key, Scheduler.DEFAULT), arrived)))));
    List<Change> changes = planner.changes(2);
    assertThat(sent).hasSize(1);
    assertThat(changes).extracting(Change::reason).containsExactly("ready");
    acknowledge(planner, changes);
    assertThat(planner.repaired()).isZero();
  }

  private static Endpoint ready(int weight) {
    return new Endpoint(Destination.of(at(1), Forwarding.DIRECT, weight), Endpoint.Condition.READY);
  }

  @Test
  void leavesForeignServicesAloneAndSaysWhichDesiredOnesTheyAre() {
    Planner planner = new Planner(POLICY);
    ServiceKey key = new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80);
    VirtualService foreign = VirtualService.of(key, Scheduler.DEFAULT);
    Map<ServiceKey, EffectiveService> table =
        Map.of(key, new EffectiveService(foreign, new TreeMap<>()));
    planner.observe(table, _ -> false, false);
    planner.handle(
        new Event.DesiredReplaced(
            desired(
                key,
                new Endpoint(
                    Destination.of(at(1), Forwarding.DIRECT, 1), Endpoint.Condition.READY)),
            0));
    planner.observe(table, _ -> false, false);
    assertThat(planner.changes(0)).isEmpty();
    assertThat(planner.owned()).isEmpty();
    assertThat(planner.refused()).extracting(Ownership.Refusal::service).containsExactly(key);

    planner.observe(table, _ -> false, true);
    assertThat(planner.changes(0))
        .extracting(Change::command)
        .containsExactly(
            new Command.AddDestination(key, Destination.of(at(1), Forwarding.DIRECT, 1)));
    assertThat(planner.refused()).isEmpty();
  }

  /** One change at two sizes of the table: it touches one service and one destination in both. */
  @Test
  void oneChangeTouchesOneDestinationWhateverTheSize() {
    for (int services : new int[] {1, 100}) {
      Planner planner = new Planner(POLICY);
      observe(planner, new Effective(new TreeMap<>()));
      planner.handle(new Event.DesiredReplaced(large(services, 1_000), 0));
      acknowledge(planner, planner.changes(0));
      ServiceKey key = new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.0"), 80);
      Destination changed = Destination.of(large(7), Forwarding.DIRECT, 9);
      planner.handle(
          new Event.EndpointsChanged(
              key, List.of(new Endpoint(changed, Endpoint.Condition.READY)), List.of(), 0));
      assertThat(planner.changes(1))
          .extracting(Change::command)
          .containsExactly(new Command.SetDestination(key, changed));
    }
  }

  /**
   * A hundred times as many services, or destinations of one, cost as many times more as a walk
   * over the table does, which the processor's caches slow down as well. Looking through all of
   * them for each would cost a hundred times more than that.
   */
  @Test
  void anAuditThatFindsNothingTakesTimeInProportionToTheTable() {
    assertThat(growth(large(300, 1), large(30_000, 1))).isLessThan(10);
    assertThat(growth(large(1, 300), large(1, 30_000))).isLessThan(10);
  }

  /** How many times more than a walk an audit costs, in many as against in few. */
  private static double growth(Desired few, Desired many) {
    auditPerWalk(few, 500); // compiled, before anything is compared
    double inFew = auditPerWalk(few, 500);
    return auditPerWalk(many, 5) / inFew;
  }

  private static double auditPerWalk(Desired desired, int times) {
    Planner planner = new Planner(POLICY);
    Effective table = POLICY.effective(desired, Effective.EMPTY, Policy.DrainClock.ADOPTED, 0);
    observe(planner, table);
    planner.handle(new Event.DesiredReplaced(desired, 0));
    assertThat(planner.changes(0)).isEmpty();
    Map<ServiceKey, EffectiveService> walked = new HashMap<>(table.services());
    double audit =
        leastNanos(
            times,
            () -> {
              observe(planner, table);
              assertThat(planner.changes(1)).isEmpty();
            });
    return audit / leastNanos(times, () -> walk(table, walked));
  }

  private static void walk(Effective table, Map<ServiceKey, EffectiveService> walked) {
    int found = 0;
    for (ServiceKey key : table.services().keySet()) {
      Map<DestinationKey, Destination> destinations =
          Objects.requireNonNull(walked.get(key)).destinations();
      for (DestinationKey destination : destinations.keySet()) {
        found += destinations.containsKey(destination) ? 1 : 0;
      }
    }
    assertThat(found).isGreaterThanOrEqualTo(table.services().size());
  }

  /** The processor's time, for the machine may have other things to do. */
  private static double leastNanos(int times, Runnable work) {
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < times; i++) {
      long start = thread.getCurrentThreadCpuTime();
      work.run();
      least = Math.min(least, thread.getCurrentThreadCpuTime() - start);
    }
    return least;
  }

  static Desired large(int services, int endpoints) {
    TreeMap<ServiceKey, DesiredService> byKey = new TreeMap<>();
    for (int s = 0; s < services; s++) {
      ServiceKey key =
          new ServiceKey(Protocol.TCP, new IpAddress(Family.IPV4, 0, 0x0a000000L + s), 80);
      TreeMap<DestinationKey, Endpoint> byDestination = new TreeMap<>();
      for (int e = 0; e < endpoints; e++) {
        Destination destination = Destination.of(large(e), Forwarding.DIRECT, 1);
        byDestination.put(destination.key(), new Endpoint(destination, Endpoint.Condition.READY));
      }
      byKey.put(
          key,
          new DesiredService(
              "shop/web-" + s,
              VirtualService.of(key, Scheduler.DEFAULT),
              Forwarding.DIRECT,
              false,
              byDestination));
    }
    return new Desired(byKey);
  }

  private static DestinationKey large(int number) {
    return new DestinationKey(new IpAddress(Family.IPV4, 0, 0x0a800000L + number), 80);
  }

  private static DestinationKey at(int number) {
    return new DestinationKey(IpAddress.parse("10.1.0." + number), 80);
  }

  private static Desired desired(ServiceKey key, Endpoint... endpoints) {
    TreeMap<DestinationKey, Endpoint> byKey = new TreeMap<>();
    for (Endpoint endpoint : endpoints) {
      byKey.put(endpoint.destination().key(), endpoint);
    }
    TreeMap<ServiceKey, DesiredService> services = new TreeMap<>();
    services.put(
        key,
        new DesiredService(
            "shop/web",
            VirtualService.of(key, Scheduler.DEFAULT),
            Forwarding.DIRECT,
            false,
            byKey));
    return new Desired(services);
  }

  private static void acknowledge(Planner planner, List<Change> changes) {
    for (Change change : changes) {
      planner.acknowledged(change.command());
    }
  }
}
