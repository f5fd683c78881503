package dev.freeway.dataplane.sync;

import static dev.freeway.dataplane.sync.Given.NAMESPACE;
import static dev.freeway.dataplane.sync.Given.RR;
import static dev.freeway.dataplane.sync.Given.at;
import static dev.freeway.dataplane.sync.Given.desired;
import static dev.freeway.dataplane.sync.Given.key;
import static dev.freeway.dataplane.sync.Given.ready;
import static dev.freeway.dataplane.sync.Given.service;
import static dev.freeway.dataplane.sync.Given.terminating;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Health;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthRules;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceDestination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code run} records of health, and what {@code plan} and {@code apply} make of it. */
final class OutRecordTest {
  private static final HealthRules CHECKED =
      new HealthRules(
          ((HealthCheck.Reading.Right) HealthCheck.parse("tcp,interval=1s,timeout=1s")).check(),
          50,
          Duration.ZERO,
          false);
  private static final Desired FOUR = four(CHECKED);

  @TempDir private Path directory;
  private final FakeTable table = new FakeTable();
  private final List<String> found = new ArrayList<>();
  private long now = 5_000_000_000L;
  private Duration booted = Duration.ofDays(3); // before the other clock's zero

  private static DesiredService checked(HealthRules rules, Scheduler scheduler, Endpoint... all) {
    return service(1, scheduler, all).with(rules);
  }

  private static Desired four(HealthRules rules) {
    return desired(checked(rules, RR, ready(1), ready(2), ready(3), ready(4)));
  }

  private long boot() {
    return booted.plusNanos(now).toMillis();
  }

  private StateDirectory state() {
    return StateDirectory.open(directory);
  }

  private SyncLoop loop(Desired desired) {
    SyncLoop loop =
        new SyncLoop(
            table,
            state(),
            NAMESPACE,
            Settings.DEFAULT,
            () -> now,
            this::boot,
            new SyncListener() {
              @Override
              public void found(String finding) {
                found.add(finding);
              }
            },
            () -> false);
    loop.start();
    loop.handle(List.of(new Event.DesiredReplaced(desired, now)));
    pass(loop, Duration.ofSeconds(1)); // so that it says whom to ask
    return loop;
  }

  private void pass(SyncLoop loop, Duration time) {
    now += time.toNanos();
    loop.tick();
  }

  private void is(SyncLoop loop, int number, Health.State state) {
    loop.handle(
        List.of(new Event.HealthChanged(key(1), at(number), new Health(state, "as told"), now)));
  }

  private Reconciler reconciler() {
    return new Reconciler(
        table, state(), NAMESPACE, Settings.DEFAULT, () -> now, this::boot, Host.NONE);
  }

  private static ServiceDestination of(int number) {
    return new ServiceDestination(key(1), at(number));
  }

  private Map<ServiceDestination, Long> recorded() {
    return state().out(NAMESPACE, boot());
  }

  private Path file() {
    return directory.resolve("out-4026531840");
  }

  private Object inode() throws IOException {
    return Files.getAttribute(file(), "unix:ino");
  }

  /** The weights of the four, - for one that is not there. */
  private String weights() {
    StringBuilder text = new StringBuilder();
    for (int number = 1; number <= 4; number++) {
      var held = table.service(key(1)).destinations().get(at(number));
      text.append(number == 1 ? "" : " ").append(held == null ? "-" : held.weight());
    }
    return text.toString();
  }

  /** Taken out by a loop: the first is dead, the second fails. */
  private SyncLoop twoOut() {
    SyncLoop loop = loop(FOUR);
    is(loop, 1, Health.State.DEAD);
    is(loop, 2, Health.State.FAILING);
    assertThat(weights()).isEqualTo("- 0 1 1");
    return loop;
  }

  /** What another process goes by: the time since the boot; nanoseconds count from anywhere. */
  private void anotherProcess(Duration later) {
    Duration then = Duration.ofMillis(boot()).plus(later);
    now = 77_000_000_000_000L - now;
    booted = then.minusNanos(now);
  }

  @Test
  void whoIsOutIsWrittenAsItChangesAndNotOtherwise() throws IOException {
    SyncLoop loop = loop(FOUR);
    assertThat(file()).as("nobody was out yet").doesNotExist();
    is(loop, 2, Health.State.FAILING);
    long since = boot();
    assertThat(recorded()).containsExactly(Map.entry(of(2), since));
    Object written = inode();
    pass(loop, Duration.ofSeconds(1));
    is(loop, 3, Health.State.WELL);
    is(loop, 2, Health.State.FAILING);
    assertThat(inode()).isEqualTo(written);
    is(loop, 1, Health.State.DEAD);
    assertThat(recorded()).containsExactly(Map.entry(of(1), boot()), Map.entry(of(2), since));
    is(loop, 2, Health.State.WELL);
    assertThat(recorded()).containsOnlyKeys(of(1));
  }

  @Test
  void inPanicNobodyIsOutNorIsOneThatLeaves() {
    SyncLoop loop = twoOut();
    is(loop, 3, Health.State.DEAD);
    assertThat(weights()).isEqualTo("1 1 1 1");
    assertThat(recorded()).isEmpty();
    is(loop, 3, Health.State.WELL);
    assertThat(recorded()).containsOnlyKeys(of(1), of(2));
    loop.handle(
        List.of(new Event.EndpointsChanged(key(1), List.of(terminating(2)), List.of(), now)));
    assertThat(recorded()).containsOnlyKeys(of(1));
  }

  @Test
  void aRestartKeepsItUntilTheFirstCheckSaysOtherwise() {
    twoOut();
    Map<ServiceDestination, Long> before = recorded();
    anotherProcess(Duration.ofSeconds(20));
    SyncLoop restarted = loop(FOUR);
    assertThat(weights()).isEqualTo("- 0 1 1");
    assertThat(recorded()).isEqualTo(before);
    is(restarted, 1, Health.State.WELL);
    assertThat(weights()).isEqualTo("1 0 1 1");
    assertThat(recorded()).containsOnlyKeys(of(2));
    is(restarted, 2, Health.State.FAILING);
    assertThat(recorded()).as("out all the while").containsEntry(of(2), before.get(of(2)));
  }

  @Test
  void aRestartWithoutChecksForgetsIt() {
    twoOut();
    anotherProcess(Duration.ofSeconds(20));
    loop(four(HealthRules.NONE));
    assertThat(weights()).isEqualTo("1 1 1 1");
    assertThat(recorded()).isEmpty();
  }

  @Test
  void aRecordThatCannotBeWrittenIsToldOnceAndWrittenLater() throws IOException {
    SyncLoop loop = loop(FOUR);
    Path obstacle = Files.createDirectory(directory.resolve(".out-4026531840.new"));
    is(loop, 1, Health.State.DEAD);
    is(loop, 2, Health.State.FAILING);
    assertThat(weights()).isEqualTo("- 0 1 1");
    assertThat(found).singleElement().asString().contains("out by their health", file().toString());
    Files.delete(obstacle);
    pass(loop, Duration.ofSeconds(1));
    assertThat(recorded()).containsOnlyKeys(of(1), of(2));
  }

  @Test
  void planAndApplyLeaveThoseOutAndSaySo() {
    twoOut();
    anotherProcess(Duration.ofSeconds(20));
    Plan plan = reconciler().plan(FOUR);
    assertThat(plan.changes()).isEmpty();
    assertThat(plan.out())
        .containsExactly(
            Map.entry(of(1), Duration.ofSeconds(20)), Map.entry(of(2), Duration.ofSeconds(20)));
    Map<ServiceDestination, Long> before = recorded();
    Outcome outcome = reconciler().apply(FOUR);
    assertThat(outcome.changes()).isEmpty();
    assertThat(outcome.out()).isEqualTo(plan.out());
    assertThat(weights()).isEqualTo("- 0 1 1");
    assertThat(recorded()).isEqualTo(before);
  }

  @Test
  void whatElseIsPlannedIsDone() {
    twoOut();
    Desired five = desired(checked(CHECKED, RR, ready(1), ready(2), ready(3), ready(5)));
    assertThat(reconciler().apply(five).changes())
        .extracting(Change::command)
        .containsExactlyInAnyOrder(
            new Command.AddDestination(key(1), Given.destination(5, 1)),
            new Command.DeleteDestination(key(1), at(4)));
    assertThat(weights()).isEqualTo("- 0 1 -");
  }

  @Test
  void aSchedulerThatWouldDropClientsAtWeightZeroLosesIt() {
    twoOut();
    Desired hashed =
        desired(
            checked(
                CHECKED,
                new Scheduler("sh", false, false),
                ready(1),
                ready(2),
                ready(3),
                ready(4)));
    assertThat(reconciler().apply(hashed).out()).containsOnlyKeys(of(1), of(2));
    assertThat(weights()).isEqualTo("- - 1 1");
  }

  @Test
  void withoutACheckTheRecordDoesNotCountAndIsForgotten() {
    twoOut();
    Desired unchecked = four(HealthRules.NONE);
    assertThat(reconciler().plan(unchecked).out()).isEmpty();
    assertThat(reconciler().plan(unchecked).changes()).hasSize(2);
    assertThat(recorded()).as("a plan changes nothing").hasSize(2);
    reconciler().apply(unchecked);
    assertThat(weights()).isEqualTo("1 1 1 1");
    assertThat(recorded()).isEmpty();
    assertThat(reconciler().apply(FOUR).out()).as("it is used by now").isEmpty();
  }

  @Test
  void whereMoreAreOutThanMayBeAllAreUsed() {
    twoOut();
    Desired three = desired(checked(CHECKED, RR, ready(1), ready(2), ready(3)));
    assertThat(reconciler().plan(three).out()).isEmpty();
    reconciler().apply(three);
    assertThat(weights()).isEqualTo("1 1 1 -");
  }

  @Test
  void thoseAtWeight0AreNotAmongThoseThatAreLeft() {
    twoOut();
    Desired aside =
        desired(checked(CHECKED, RR, ready(1), ready(2), ready(3), weightless(4), weightless(5)));
    assertThat(reconciler().plan(aside).out()).isEmpty();
    reconciler().apply(aside);
    assertThat(weights()).isEqualTo("1 1 1 0");
  }

  private static Endpoint weightless(int number) {
    return new Endpoint(Given.destination(number, 0), Endpoint.Condition.READY);
  }

  @Test
  void oneThatTheKernelServesIsNotTakenOut() {
    twoOut();
    table.put(new Command.SetDestination(key(1), Given.destination(2, 1)));
    assertThat(reconciler().plan(FOUR).out()).containsOnlyKeys(of(1));
    assertThat(reconciler().plan(FOUR).changes()).isEmpty();
  }

  @Test
  void oneThatIsNotInAnInputOfWhichPartIsUnreadStaysInTheRecord() {
    twoOut();
    reconciler().apply(desired(service(2, RR, ready(5))), Absence.ALL_STAYS);
    assertThat(recorded()).containsOnlyKeys(of(1), of(2));
    assertThat(reconciler().apply(FOUR).out()).containsOnlyKeys(of(1), of(2));
    reconciler().apply(desired(service(2, RR, ready(5))));
    assertThat(recorded()).isEmpty();
  }

  @Test
  void anotherBootsRecordDoesNotCount() {
    state()
        .recordOut(new Namespace("net:[4026531840]", "boot-0"), new TreeMap<>(Map.of(of(1), 5L)));
    assertThat(reconciler().apply(FOUR).out()).isEmpty();
    assertThat(weights()).isEqualTo("1 1 1 1");
  }
}
