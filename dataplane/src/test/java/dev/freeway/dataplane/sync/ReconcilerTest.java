package dev.freeway.dataplane.sync;

import static dev.freeway.dataplane.sync.Given.NAMESPACE;
import static dev.freeway.dataplane.sync.Given.RR;
import static dev.freeway.dataplane.sync.Given.at;
import static dev.freeway.dataplane.sync.Given.desired;
import static dev.freeway.dataplane.sync.Given.destination;
import static dev.freeway.dataplane.sync.Given.key;
import static dev.freeway.dataplane.sync.Given.ready;
import static dev.freeway.dataplane.sync.Given.service;
import static dev.freeway.dataplane.sync.Given.serviceOf;
import static dev.freeway.dataplane.sync.Given.terminating;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.Effective;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReconcilerTest {
  private static final VirtualService FOREIGN = VirtualService.of(key(99), RR);

  @TempDir private Path directory;
  private final FakeTable table = new FakeTable();
  private long now = 1_000_000_000L;
  private Duration boot = Duration.ofDays(3); // the time since then

  private Reconciler reconciler(Settings settings) {
    return new Reconciler(
        table,
        StateDirectory.open(directory.resolve("state")),
        NAMESPACE,
        settings,
        () -> now,
        () -> boot.toMillis());
  }

  private Reconciler reconciler() {
    return reconciler(Settings.DEFAULT);
  }

  private static Settings adopting() {
    return new Settings(
        Duration.ofSeconds(30), List.of(), true, 0.5, Duration.ofSeconds(1), Optional.empty());
  }

  private static Settings pool(String prefix) {
    return new Settings(
        Duration.ofSeconds(30),
        List.of(Prefix.parse(prefix)),
        false,
        0.5,
        Duration.ofSeconds(1),
        Optional.empty());
  }

  private static Effective effective(Desired desired) {
    return new Policy(Duration.ofSeconds(30))
        .effective(desired, Effective.EMPTY, Policy.DrainClock.ADOPTED, 0);
  }

  private static Effective withForeign(Effective ours) {
    TreeMap<ServiceKey, EffectiveService> all = new TreeMap<>(ours.services());
    all.put(FOREIGN.key(), new EffectiveService(FOREIGN, new TreeMap<>()));
    return new Effective(all);
  }

  @Test
  void aPlanChangesNothingAndAnApplyDoesWhatWasPlanned() throws IOException {
    Desired desired = desired(service(1, Scheduler.DEFAULT, ready(1), ready(2)));

    Plan plan = reconciler().plan(desired);
    assertThat(table.log).isEmpty();
    assertThat(directory.resolve("state")).doesNotExist();

    Outcome outcome = reconciler().apply(desired);
    assertThat(outcome.changes()).containsExactlyElementsOf(plan.changes()).hasSize(3);
    assertThat(outcome.complete()).isTrue();
    assertThat(table.state()).isEqualTo(effective(desired));
    assertThat(reconciler().plan(desired).changes()).isEmpty();
  }

  @Test
  void whatIsOursAndNoLongerNamedIsDeletedAndForeignServicesStay() {
    table.put(new Command.AddService(FOREIGN));
    reconciler().apply(desired(service(1, RR, ready(1)), service(2, RR, ready(2))));

    Outcome outcome = reconciler().apply(desired(service(2, RR, ready(2))));

    assertThat(outcome.changes())
        .extracting(Change::command)
        .containsExactly(new Command.DeleteService(key(1)));
    assertThat(outcome.changes().getFirst().reason()).isEqualTo("no longer in the input");
    assertThat(table.state()).isEqualTo(withForeign(effective(desired(service(2, RR, ready(2))))));
    assertThat(StateDirectory.open(directory.resolve("state")).ownership(NAMESPACE).services())
        .containsExactly(key(2)); // what another program makes there now is not ours
  }

  @Test
  void aForeignServiceIsRefusedUntilItIsAdopted() {
    table.put(new Command.AddService(FOREIGN));
    Desired desired = desired(service(99, Scheduler.DEFAULT, ready(1)), service(1, RR, ready(1)));

    Outcome outcome = reconciler().apply(desired);
    assertThat(outcome.refused())
        .singleElement()
        .satisfies(
            refusal -> {
              assertThat(refusal.service()).isEqualTo(key(99));
              assertThat(refusal.owner()).isEqualTo("shop/web-99");
              assertThat(refusal.reason()).contains("--adopt");
            });
    assertThat(outcome.complete()).isFalse();
    assertThat(table.state()).isEqualTo(withForeign(effective(desired(service(1, RR, ready(1))))));

    assertThat(reconciler(adopting()).apply(desired).complete()).isTrue();
    assertThat(table.state()).isEqualTo(effective(desired));
    assertThat(table.log).noneMatch(Command.DeleteService.class::isInstance);
    assertThat(reconciler().plan(desired(service(1, RR, ready(1)))).changes())
        .extracting(Change::command)
        .containsExactly(new Command.DeleteService(key(99)));
  }

  @Test
  void whatLiesInThePoolIsOurs() {
    table.put(new Command.AddService(FOREIGN));
    assertThat(reconciler(pool("10.0.0.0/24")).plan(desired()).changes()).hasSize(1);
    assertThat(reconciler(pool("10.0.1.0/24")).plan(desired()).changes()).isEmpty();
  }

  @Test
  void aLostRecordDeletesNothing() throws IOException {
    reconciler().apply(desired(service(1, RR, ready(1))));
    try (Stream<Path> files = Files.list(directory.resolve("state"))) {
      Files.writeString(files.findFirst().orElseThrow(), "freeway-state 1 4 00000000\nrubb");
    }

    Plan plan = reconciler().plan(desired(service(2, RR, ready(1))));

    assertThat(plan.changes())
        .noneMatch(change -> change.command() instanceof Command.DeleteService);
    assertThat(plan.findings()).singleElement().asString().contains("lost").contains("--adopt");
  }

  @Test
  void aStateDirectoryThatCannotBeWrittenLeavesTheKernelUntouched() throws IOException {
    Path state = directory.resolve("state");
    StateDirectory open = StateDirectory.open(state);
    // A directory in the temporary file's place stands for a full disk, also for root.
    Files.createDirectories(state.resolve(".ownership-4026531840.new"));
    Reconciler reconciler =
        new Reconciler(table, open, NAMESPACE, Settings.DEFAULT, () -> now, () -> boot.toMillis());

    assertThatThrownBy(() -> reconciler.apply(desired(service(1, RR, ready(1)))))
        .isInstanceOf(StateException.class)
        .hasMessageContaining(state.toString())
        .hasMessageContaining("--state-dir");
    assertThat(table.log).isEmpty();
  }

  @Test
  void aTerminatingEndpointDrainsAndIsReported() {
    reconciler().apply(desired(service(1, RR, ready(1), ready(2))));
    Outcome outcome = reconciler().apply(desired(service(1, RR, ready(1), terminating(2))));
    assertThat(outcome.draining()).isEqualTo(1);
    assertThat(table.service(key(1)).destinations().get(at(2))).isEqualTo(destination(2, 0));
  }

  private static final Desired TERMINATING = desired(service(1, RR, ready(1), terminating(2)));
  private static final Duration LIMIT = Settings.DEFAULT.drainLimit();

  private Path record() { // of drains
    return directory.resolve("state").resolve("drains-4026531840");
  }

  private Map<ServiceDestination, Long> drains() {
    return StateDirectory.open(directory.resolve("state")).drains(NAMESPACE, boot.toMillis());
  }

  /** From cron, say: each time it is another process, with another clock of nanoseconds. */
  @Test
  void aDrainEndsUnderRepeatedApplyWhenTheLimitIsOver() throws IOException {
    reconciler().apply(desired(service(1, RR, ready(1), ready(2))));
    Duration begun = boot;
    for (int seconds = 0; seconds < 30; seconds += 7) {
      boot = begun.plusSeconds(seconds);
      now = -now;
      Outcome outcome = reconciler().apply(TERMINATING);
      assertThat(outcome.draining()).isEqualTo(1);
      assertThat(drains())
          .containsExactly(Map.entry(new ServiceDestination(key(1), at(2)), begun.toMillis()));
    }
    boot = begun.plus(LIMIT).minusMillis(1);
    assertThat(reconciler().plan(TERMINATING).changes()).isEmpty();

    boot = begun.plus(LIMIT);
    assertThat(reconciler().plan(TERMINATING).changes())
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.command()).isEqualTo(new Command.DeleteDestination(key(1), at(2)));
              assertThat(change.reason()).contains("drained for the limit of 30 s");
            });
    assertThat(reconciler().apply(TERMINATING).draining()).isZero();
    assertThat(table.service(key(1)).destinations()).containsOnlyKeys(at(1));
    assertThat(drains()).isEmpty();
    assertThat(reconciler().plan(TERMINATING).changes()).isEmpty();
  }

  @Test
  void anApplyThatFindsNothingToDoDoesNotWriteTheRecord() throws IOException {
    reconciler().apply(desired(service(1, RR, ready(1), ready(2))));
    reconciler().apply(TERMINATING);
    Object inode = Files.getAttribute(record(), "unix:ino");
    boot = boot.plusSeconds(10);
    reconciler().apply(TERMINATING);
    assertThat(Files.getAttribute(record(), "unix:ino")).isEqualTo(inode);
  }

  /** The endpoint became ready in between, which was the end of the first drain. */
  @Test
  void anotherDrainOfTheSameDestinationHasAClockOfItsOwn() {
    Desired ready = desired(service(1, RR, ready(1), ready(2)));
    reconciler().apply(ready);
    reconciler().apply(TERMINATING);
    boot = boot.plusSeconds(20);
    reconciler().apply(ready);
    assertThat(drains()).isEmpty();
    boot = boot.plusSeconds(20);
    reconciler().apply(TERMINATING);
    assertThat(drains().values()).containsExactly(boot.toMillis());
  }

  @Test
  void aDrainHasJustBegunWhereTheRecordSaysNothingOrTheFuture() throws IOException {
    reconciler().apply(desired(service(1, RR, ready(1), ready(2))));
    reconciler().apply(TERMINATING);
    boot = boot.minus(LIMIT); // another boot by its clock, whatever its name says
    reconciler().apply(TERMINATING);
    assertThat(drains().values()).containsExactly(boot.toMillis());

    Files.delete(record());
    boot = boot.plus(LIMIT);
    assertThat(reconciler().apply(TERMINATING).draining()).isEqualTo(1);
    assertThat(drains().values()).containsExactly(boot.toMillis());
  }

  /** The kernel refused to begin it, or was not told that it ended: it has its connections. */
  @Test
  void aDestinationThatTheKernelDoesNotHoldAtWeightZeroDoesNotDrainYet() {
    reconciler().apply(desired(service(1, RR, ready(1), ready(2))));
    reconciler().apply(TERMINATING);
    table.put(new Command.SetDestination(key(1), destination(2, 1)));
    boot = boot.plus(LIMIT);
    assertThat(reconciler().apply(TERMINATING).draining()).isEqualTo(1);
    assertThat(drains().values()).containsExactly(boot.toMillis());
  }

  @Test
  void aDrainGoesOnWhileThePartOfTheInputThatNamesItIsUnusable() {
    reconciler().apply(desired(service(1, RR, ready(1), ready(2)), service(2, RR, ready(3))));
    reconciler().apply(desired(service(1, RR, ready(1), terminating(2)), service(2, RR, ready(3))));
    Map<ServiceDestination, Long> begun = drains();
    boot = boot.plusSeconds(10);
    reconciler().apply(desired(service(1, RR, ready(1))), Absence.ALL_STAYS);
    reconciler().apply(desired(service(2, RR, ready(3))), Absence.SERVICES_STAY);
    assertThat(drains()).isEqualTo(begun).hasSize(1);
    reconciler().apply(desired(service(1, RR, ready(1))));
    assertThat(drains()).isEmpty();
  }

  @Test
  void aKillAtAnyCommandIsMendedByTheNextRun() {
    Desired before =
        desired(
            serviceOf(1, Scheduler.DEFAULT, 6),
            service(2, RR, ready(1), ready(2)),
            service(4, RR, ready(7)));
    Desired after =
        desired(
            service(1, Scheduler.DEFAULT, ready(1), ready(2), ready(9), terminating(3)),
            service(2, new Scheduler("wlc", false, false), ready(2), ready(3)),
            serviceOf(3, Scheduler.DEFAULT, 12));
    for (int kill = 0; ; kill++) {
      FakeTable fresh = new FakeTable();
      fresh.put(new Command.AddService(FOREIGN));
      StateDirectory state = StateDirectory.open(directory.resolve("kill-" + kill));
      Reconciler run =
          new Reconciler(
              fresh, state, NAMESPACE, Settings.DEFAULT, () -> now, () -> boot.toMillis());
      run.apply(before);
      fresh.commandsUntilKilled = kill;
      boolean killed = false;
      try {
        run.apply(after);
      } catch (FakeTable.Killed e) {
        killed = true;
      }
      fresh.commandsUntilKilled = Integer.MAX_VALUE;
      Outcome outcome = run.apply(after);
      assertThat(outcome.complete()).as("killed at %d", kill).isTrue();
      Effective expected =
          new Policy(Duration.ofSeconds(30))
              .effective(after, effective(before), Policy.DrainClock.ADOPTED, 0);
      assertThat(fresh.state()).as("killed at %d", kill).isEqualTo(withForeign(expected));
      assertThat(run.plan(after).changes()).as("killed at %d", kill).isEmpty();
      assertThat(fresh.log)
          .filteredOn(Command.DeleteService.class::isInstance)
          .containsOnly(new Command.DeleteService(key(4)));
      if (!killed) {
        assertThat(kill).isGreaterThan(20);
        return;
      }
    }
  }
}
