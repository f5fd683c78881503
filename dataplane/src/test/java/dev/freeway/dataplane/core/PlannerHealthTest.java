package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Condition.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What becomes of a table for the health of its destinations. */
class PlannerHealthTest {
  private static final ServiceKey SERVICE =
      new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80);
  private static final Condition SERVES = new Condition(State.LEAVING, "", 0);
  private static final Health WELL = new Health(Health.State.WELL, "");
  private static final HealthCheck CHECK =
      ((HealthCheck.Reading.Right) HealthCheck.parse("tcp,interval=1s,timeout=1s")).check();

  private final Map<DestinationKey, Health> healths = new HashMap<>();
  private final Map<DestinationKey, Integer> kernel = new TreeMap<>();
  private Planner planner = planner();
  private HealthRules rules = rules(50, 0);
  private long now = 1_000_000_000L;

  private Planner planner() {
    return new Planner(
        new Policy(Duration.ofSeconds(30)),
        (_, destination) -> healths.getOrDefault(destination, Health.UNKNOWN));
  }

  private static HealthRules rules(int mostOut, int slowStartSeconds) {
    return new HealthRules(CHECK, mostOut, Duration.ofSeconds(slowStartSeconds), false);
  }

  private static DestinationKey at(int number) {
    return new DestinationKey(IpAddress.parse("10.1.0." + number), 80);
  }

  private DesiredService service(Scheduler scheduler, int weight, int... ready) {
    TreeMap<DestinationKey, Endpoint> endpoints = new TreeMap<>();
    for (int number : ready) {
      endpoints.put(
          at(number),
          new Endpoint(
              Destination.of(at(number), Forwarding.DIRECT, weight), Endpoint.Condition.READY));
    }
    return new DesiredService(
            "shop/web", VirtualService.of(SERVICE, scheduler), Forwarding.DIRECT, false, endpoints)
        .with(rules);
  }

  private void want(DesiredService service) {
    TreeMap<ServiceKey, DesiredService> all = new TreeMap<>();
    all.put(SERVICE, service);
    planner.handle(new Event.DesiredReplaced(new Desired(all), now));
    program();
  }

  private void want(int... ready) {
    want(service(Scheduler.DEFAULT, 1, ready));
  }

  private void program() {
    for (Change change : planner.changes(now)) {
      switch (change.command()) {
        case Command.AddDestination add -> kernel.put(add.value().key(), add.value().weight());
        case Command.SetDestination set -> kernel.put(set.value().key(), set.value().weight());
        case Command.DeleteDestination delete -> kernel.remove(delete.destination());
        default -> {}
      }
      planner.acknowledged(change.command());
    }
  }

  private void is(int number, Health.State state, String reason) {
    healths.put(at(number), new Health(state, reason));
    planner.healthChanged(SERVICE, at(number));
    program();
  }

  /** The weights of destinations in their order, - for one that is not there. */
  private String weights(int last) {
    StringBuilder text = new StringBuilder();
    for (int number = 1; number <= last; number++) {
      Integer weight = kernel.get(at(number));
      text.append(number == 1 ? "" : " ").append(weight == null ? "-" : weight);
    }
    return text.toString();
  }

  private Condition condition(int number) {
    return planner.conditions().getOrDefault(new ServiceDestination(SERVICE, at(number)), SERVES);
  }

  @Test
  void oneThatIsDeadIsRemovedAndOneThatFailsKeepsItsConnections() {
    want(1, 2, 3, 4);
    is(1, Health.State.DEAD, "connection refused");
    is(2, Health.State.FAILING, "HTTP 503");
    assertThat(weights(4)).isEqualTo("- 0 1 1");
    assertThat(condition(1)).isEqualTo(new Condition(State.OUT, "connection refused", now));
    assertThat(condition(2)).isEqualTo(new Condition(State.OUT, "HTTP 503", now));
    assertThat(condition(3)).isEqualTo(SERVES);
    is(1, Health.State.WELL, "");
    is(2, Health.State.WELL, "");
    assertThat(weights(4)).isEqualTo("1 1 1 1");
    assertThat(planner.conditions()).isEmpty();
  }

  @Test
  void oneThatFailsIsNoDrainAndHasNoEnd() {
    want(1, 2, 3, 4);
    is(1, Health.State.FAILING, "HTTP 503");
    now += Duration.ofHours(1).toNanos();
    program();
    assertThat(weights(4)).isEqualTo("0 1 1 1");
    assertThat(planner.draining()).isZero();
  }

  @Test
  void whereASchedulerDropsClientsAtWeight0OneThatFailsIsRemoved() {
    want(service(new Scheduler("dh", false, false), 1, 1, 2, 3, 4));
    is(1, Health.State.FAILING, "HTTP 503");
    assertThat(weights(4)).isEqualTo("- 1 1 1");
  }

  @Test
  void whereMoreAreOutThanMayBeAllAreUsed() {
    want(1, 2, 3, 4);
    is(1, Health.State.DEAD, "connection refused");
    is(2, Health.State.DEAD, "connection refused");
    assertThat(weights(4)).isEqualTo("- - 1 1");
    assertThat(planner.panicking()).isEmpty();
    is(3, Health.State.FAILING, "HTTP 503");
    assertThat(weights(4)).isEqualTo("1 1 1 1");
    assertThat(planner.panicking()).containsExactly(SERVICE);
    assertThat(condition(3)).isEqualTo(new Condition(State.PANIC, "HTTP 503", now));
    is(1, Health.State.WELL, "");
    assertThat(weights(4)).isEqualTo("1 - 0 1");
    assertThat(planner.panicking()).isEmpty();
  }

  @Test
  void endpointsThatComeAndGoChangeHowManyMayBeOut() {
    want(1, 2, 3, 4);
    is(1, Health.State.DEAD, "connection refused");
    is(2, Health.State.DEAD, "connection refused");
    want(1, 2, 3);
    assertThat(weights(4)).isEqualTo("1 1 1 -");
    want(1, 2, 3, 4, 5);
    assertThat(weights(5)).isEqualTo("- - 1 1 1");
    want(2, 3);
    assertThat(weights(5)).isEqualTo("- - 1 - -");
  }

  /** As of a Service whose next version is there at weight 0. */
  @Test
  void thoseAtWeight0AreNotAmongThoseThatAreLeft() {
    TreeMap<DestinationKey, Endpoint> endpoints = new TreeMap<>();
    for (int number = 1; number <= 5; number++) {
      endpoints.put(
          at(number),
          new Endpoint(
              Destination.of(at(number), Forwarding.DIRECT, number <= 2 ? 1 : 0),
              Endpoint.Condition.READY));
    }
    want(service(Scheduler.DEFAULT, 1).with(endpoints));
    is(1, Health.State.DEAD, "connection refused");
    assertThat(weights(5)).isEqualTo("- 1 0 0 0");
    is(2, Health.State.DEAD, "connection refused");
    assertThat(weights(5)).isEqualTo("1 1 0 0 0");
    assertThat(planner.panicking()).containsExactly(SERVICE);
    is(1, Health.State.WELL, "");
    is(4, Health.State.DEAD, "connection refused");
    is(5, Health.State.DEAD, "connection refused");
    assertThat(weights(5)).isEqualTo("1 - 0 - -");
    want(1, 2, 3, 4, 5);
    assertThat(weights(5)).as("all of them are to serve").isEqualTo("1 1 1 1 1");
    assertThat(planner.panicking()).containsExactly(SERVICE);
  }

  @Test
  void theOnlyOneIsNeverTakenOut() {
    want(1);
    is(1, Health.State.DEAD, "connection refused");
    assertThat(weights(1)).isEqualTo("1");
    assertThat(planner.panicking()).containsExactly(SERVICE);
    rules = rules(100, 0);
    want(1);
    assertThat(weights(1)).isEqualTo("-");
    assertThat(planner.panicking()).isEmpty();
  }

  @Test
  void kubernetesWordStandsBesideOurs() {
    want(1, 2, 3);
    is(1, Health.State.WELL, "");
    want(2, 3); // not ready any more: no check brings it back
    assertThat(weights(3)).isEqualTo("- 1 1");
    is(1, Health.State.WELL, "");
    assertThat(weights(3)).isEqualTo("- 1 1");
  }

  @Test
  void aServiceThatGoesIsForgotten() {
    want(1, 2, 3, 4);
    is(1, Health.State.DEAD, "connection refused");
    is(2, Health.State.DEAD, "connection refused");
    is(3, Health.State.DEAD, "connection refused");
    planner.handle(new Event.DesiredReplaced(new Desired(new TreeMap<>()), now));
    program();
    assertThat(planner.conditions()).isEmpty();
    assertThat(planner.panicking()).isEmpty();
    assertThat(planner.checks()).isEmpty();
  }

  @Test
  void aBackendThatComesTakesItsLoadInSteps() {
    rules = rules(50, 10);
    want(service(Scheduler.DEFAULT, 10, 1, 2));
    assertThat(weights(3)).isEqualTo("10 10 -"); // all of them are new
    want(service(Scheduler.DEFAULT, 10, 1, 2, 3));
    StringBuilder seen = new StringBuilder(weights(3));
    for (int i = 0; i < 5; i++) {
      now = planner.nextDeadline().orElse(now);
      program();
      seen.append(", ").append(weights(3));
      assertThat(condition(3).equals(SERVES)).isEqualTo(i > 2);
    }
    assertThat(seen).hasToString("10 10 2, 10 10 4, 10 10 6, 10 10 8, 10 10 10, 10 10 10");
    assertThat(now).isEqualTo(1_000_000_000L + 8_000_000_000L);
    assertThat(planner.nextDeadline()).isEmpty();
  }

  @Test
  void oneThatComesBackBeginsAnew() {
    rules = rules(50, 10);
    want(service(Scheduler.DEFAULT, 10, 1, 2));
    is(1, Health.State.FAILING, "HTTP 503");
    is(1, Health.State.WELL, "");
    assertThat(weights(2)).isEqualTo("2 10");
    assertThat(condition(1).state()).isEqualTo(State.WARMING);
    is(1, Health.State.FAILING, "HTTP 503");
    now += Duration.ofSeconds(5).toNanos();
    is(1, Health.State.WELL, "");
    assertThat(weights(2)).isEqualTo("2 10");
  }

  @Test
  void whatAProcessBeforeTookOutStaysOutUntilItIsChecked() {
    TreeMap<DestinationKey, Destination> held = new TreeMap<>();
    held.put(at(2), Destination.of(at(2), Forwarding.DIRECT, 1));
    held.put(at(3), Destination.of(at(3), Forwarding.DIRECT, 0));
    kernel.put(at(2), 1);
    kernel.put(at(3), 0);
    planner.observe(
        Map.of(SERVICE, new EffectiveService(VirtualService.of(SERVICE, Scheduler.DEFAULT), held)),
        _ -> true,
        false);
    want(1, 2, 3, 4);
    assertThat(weights(4)).isEqualTo("- 1 0 -");
    assertThat(condition(1))
        .isEqualTo(new Condition(State.UNCHECKED, "not checked yet since the start", now));
    is(3, Health.State.WELL, "");
    assertThat(weights(4)).isEqualTo("- 1 1 -");
    is(1, Health.State.DEAD, "connection refused");
    now = planner.nextDeadline().orElseThrow(); // nobody said anything of 4
    program();
    assertThat(weights(4)).isEqualTo("- 1 1 1");
    assertThat(condition(1).state()).isEqualTo(State.OUT);
  }

  private List<Boolean> removals() {
    List<Boolean> drained = new ArrayList<>();
    for (Change change : planner.changes(now)) {
      planner.acknowledged(change.command());
      if (change.action() == Change.Action.DELETE) {
        drained.add(change.drained());
      }
    }
    return drained;
  }

  /** Both are held at weight 0. */
  @Test
  void whatIsRemovedForItsHealthHasNotDrained() {
    want(1, 2, 3, 4);
    is(1, Health.State.FAILING, "HTTP 503");
    assertThat(weights(4)).isEqualTo("0 1 1 1");
    healths.put(at(1), new Health(Health.State.DEAD, "connection refused"));
    planner.healthChanged(SERVICE, at(1));
    assertThat(removals()).containsExactly(false);
    planner.handle(
        new Event.EndpointsChanged(
            SERVICE,
            List.of(
                new Endpoint(
                    Destination.of(at(2), Forwarding.DIRECT, 1), Endpoint.Condition.TERMINATING)),
            List.of(),
            false,
            now));
    assertThat(removals()).isEmpty();
    now += Duration.ofSeconds(30).toNanos();
    assertThat(removals()).containsExactly(true);
  }

  private void wereOut(Integer... numbers) {
    planner.wereOut(
        Arrays.stream(numbers)
            .map(number -> new ServiceDestination(SERVICE, at(number)))
            .collect(Collectors.toSet()));
  }

  /** As with a relay: its table ends with its process, and shows nothing to the next one. */
  @Test
  void whatWasOutByTheRecordStaysOutUntilItIsCheckedThoughTheTableIsEmpty() {
    wereOut(1, 2);
    want(1, 2, 3, 4);
    assertThat(weights(4)).isEqualTo("- - 1 1");
    assertThat(condition(1))
        .isEqualTo(new Condition(State.UNCHECKED, "not checked yet since the start", now));
    assertThat(condition(3)).isEqualTo(SERVES);
    is(1, Health.State.WELL, "");
    assertThat(weights(4)).isEqualTo("1 - 1 1");
    want(1, 2, 3, 4, 5); // one that comes later was not out
    assertThat(weights(5)).isEqualTo("1 - 1 1 1");
    now = planner.nextDeadline().orElseThrow(); // nobody said anything of 2
    program();
    assertThat(weights(5)).isEqualTo("1 1 1 1 1");
    assertThat(planner.conditions()).isEmpty();
  }

  @Test
  void whereMoreWereOutThanMayBeOfThoseThatThereAreAllAreUsed() {
    wereOut(1, 2);
    want(1, 2, 3);
    assertThat(weights(3)).isEqualTo("1 1 1");
    assertThat(planner.conditions()).isEmpty();
  }

  @Test
  void aRecordOfAServiceThatIsNotCheckedCountsForNothing() {
    rules = rules.with(null);
    wereOut(1);
    want(1, 2, 3);
    assertThat(weights(3)).isEqualTo("1 1 1");
  }

  /** A process before this one may have taken out what a check that is not known yet will not. */
  @Test
  void whatWasOutStaysOutWhileTheCheckItselfIsAwaited() {
    kernel.put(at(2), 1);
    planner.observe(
        Map.of(
            SERVICE,
            new EffectiveService(
                VirtualService.of(SERVICE, Scheduler.DEFAULT),
                new TreeMap<>(Map.of(at(2), Destination.of(at(2), Forwarding.DIRECT, 1))))),
        _ -> true,
        false);
    rules = rules.awaiting();
    want(1, 2, 3);
    assertThat(weights(3)).isEqualTo("- 1 -");
    assertThat(planner.checks()).isEmpty();
    now += Duration.ofSeconds(2).toNanos();
    rules = rules.with(CHECK);
    want(1, 2, 3);
    now += Duration.ofSeconds(2).toNanos(); // past the time for which the check was awaited
    is(1, Health.State.WELL, "");
    assertThat(weights(3)).isEqualTo("1 1 -");
    assertThat(planner.checks()).hasSize(3);
    now = planner.nextDeadline().orElseThrow();
    program();
    assertThat(weights(3)).isEqualTo("1 1 1");
  }

  @Test
  void whereNoCheckComesWhatWasOutIsUsed() {
    kernel.put(at(2), 1);
    planner.observe(
        Map.of(
            SERVICE,
            new EffectiveService(
                VirtualService.of(SERVICE, Scheduler.DEFAULT),
                new TreeMap<>(Map.of(at(2), Destination.of(at(2), Forwarding.DIRECT, 1))))),
        _ -> true,
        false);
    rules = rules.awaiting();
    want(1, 2);
    assertThat(weights(2)).isEqualTo("- 1");
    rules = rules.with(null);
    want(1, 2);
    assertThat(weights(2)).isEqualTo("1 1");
  }

  @Test
  void aCheckThatWasKnownStandsWhileAnotherIsAwaited() {
    want(1, 2, 3);
    is(1, Health.State.DEAD, "connection refused");
    rules = rules.awaiting();
    want(1, 2, 3);
    assertThat(weights(3)).isEqualTo("- 1 1");
    assertThat(planner.checks().values()).allMatch(asked -> asked.check().equals(CHECK));
    rules = rules.with(null);
    want(1, 2, 3);
    assertThat(planner.checks()).isEmpty();
  }

  @Test
  void thoseThatAreReadyAreChecked() {
    want(1, 2);
    assertThat(planner.checks().keySet())
        .containsExactlyInAnyOrder(
            new ServiceDestination(SERVICE, at(1)), new ServiceDestination(SERVICE, at(2)));
    long version = planner.checksVersion();
    want(1);
    assertThat(planner.checksVersion()).isNotEqualTo(version);
    assertThat(planner.checks()).containsOnlyKeys(new ServiceDestination(SERVICE, at(1)));
    rules = HealthRules.NONE;
    want(1);
    assertThat(planner.checks()).isEmpty();
    assertThat(WELL.out()).isFalse();
  }

  @Test
  void whatWasDueOfAServiceThatIsMadeAnewIsNotItsOwn() {
    rules = rules(50, 10);
    want(service(Scheduler.DEFAULT, 10, 1, 2));
    want(service(Scheduler.DEFAULT, 10, 1, 2, 3));
    long step = planner.nextDeadline().orElseThrow();
    planner.handle(new Event.DesiredReplaced(new Desired(new TreeMap<>()), now));
    program();
    kernel.clear();
    want(service(Scheduler.DEFAULT, 10, 1, 2));
    now = step;
    program();
    assertThat(planner.wantedServices()).isEqualTo(1);
    assertThat(planner.owned()).containsExactly(SERVICE);
    assertThat(weights(3)).isEqualTo("10 10 -");
  }

  @Test
  void oneThatBecomesOursIsChecked() {
    EffectiveService another =
        new EffectiveService(VirtualService.of(SERVICE, Scheduler.DEFAULT), new TreeMap<>());
    planner.observe(Map.of(SERVICE, another), _ -> false, false);
    want(1, 2);
    assertThat(planner.checks()).isEmpty();
    long version = planner.checksVersion();
    planner.observe(Map.of(), _ -> false, false);
    program();
    assertThat(planner.checks()).hasSize(2);
    assertThat(planner.checksVersion()).isNotEqualTo(version);
  }
}
