package dev.freeway.dataplane.sync;

import static dev.freeway.dataplane.sync.Given.RR;
import static dev.freeway.dataplane.sync.Given.at;
import static dev.freeway.dataplane.sync.Given.desired;
import static dev.freeway.dataplane.sync.Given.destination;
import static dev.freeway.dataplane.sync.Given.key;
import static dev.freeway.dataplane.sync.Given.ready;
import static dev.freeway.dataplane.sync.Given.service;
import static dev.freeway.dataplane.sync.Given.serviceOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.Diff;
import dev.freeway.dataplane.core.Effective;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.VirtualService;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ProgrammerTest {
  private static final Policy POLICY = new Policy(Duration.ofSeconds(30));
  private static final Policy.DrainClock ADOPTED = Policy.DrainClock.ADOPTED;

  private final FakeTable table = new FakeTable();
  private final Programmer programmer = new Programmer(table, () -> 0);

  private Programmer.Result execute(Desired before, Desired after) {
    Effective was = POLICY.effective(before, Effective.EMPTY, ADOPTED, 0);
    Effective is = POLICY.effective(after, was, ADOPTED, 0);
    List<Change> changes = Diff.between(was, is, POLICY.reasons(after, was, ADOPTED, 0));
    return programmer.execute(
        changes, service -> Observed.of(table.dump()).idle(service), () -> false);
  }

  private static List<String> schedulers(List<Command> log) {
    return log.stream()
        .flatMap(
            command ->
                switch (command) {
                  case Command.AddService add ->
                      List.of("add " + add.value().scheduler().name()).stream();
                  case Command.SetService set ->
                      List.of("set " + set.value().scheduler().name()).stream();
                  default -> List.<String>of().stream();
                })
        .toList();
  }

  @Test
  void aNewMaglevServiceIsFilledWithoutASchedulerAndGetsItOnce() {
    Desired after =
        desired(
            serviceOf(1, Scheduler.DEFAULT, 100),
            serviceOf(2, Scheduler.DEFAULT, 100),
            serviceOf(3, RR, 100),
            serviceOf(4, Scheduler.DEFAULT, 1));
    Programmer.Result result = execute(desired(), after);
    assertThat(result.errors()).isEmpty();
    assertThat(result.done()).hasSize(305);
    // The first one proves that the scheduler's module is there; few destinations need no filling.
    assertThat(schedulers(table.log))
        .containsExactly("add mh", "add rr", "add none", "add mh", "set none", "set mh", "set mh");
    assertThat(table.state()).isEqualTo(POLICY.effective(after, Effective.EMPTY, ADOPTED, 0));
    assertThat(table.insertionOrder(key(2))).isSorted();
  }

  @Test
  void anIdleServiceThatChangesAtLargeIsFilledUnderRoundRobin() {
    Desired before = desired(serviceOf(1, Scheduler.DEFAULT, 3));
    Desired after = desired(serviceOf(1, Scheduler.DEFAULT, 200));
    execute(desired(), before);
    table.log.clear();
    execute(before, after);
    assertThat(schedulers(table.log)).containsExactly("set rr", "set mh");
    assertThat(table.state()).isEqualTo(POLICY.effective(after, Effective.EMPTY, ADOPTED, 0));
  }

  @Test
  void aServiceWithConnectionsKeepsItsSchedulerThroughout() {
    Desired before = desired(serviceOf(1, Scheduler.DEFAULT, 3));
    execute(desired(), before);
    table.carryConnections(key(1), 1);
    table.log.clear();
    execute(before, desired(serviceOf(1, Scheduler.DEFAULT, 200)));
    assertThat(schedulers(table.log)).isEmpty();
  }

  @Test
  void aMissingSchedulerModuleLeavesNothingHalfMade() {
    table.missModule("mh");
    Programmer.Result result =
        execute(
            desired(),
            desired(
                serviceOf(1, Scheduler.DEFAULT, 20),
                serviceOf(2, Scheduler.DEFAULT, 20),
                serviceOf(3, RR, 5)));
    assertThat(result.errors())
        .hasSize(2)
        .allSatisfy(error -> assertThat(error.expected()).contains("modprobe ip_vs_mh"));
    assertThat(table.state().services().keySet()).containsExactly(key(3));
    assertThat(result.done()).hasSize(6);
  }

  @Test
  void aSchedulerWhoseModuleIsMissingIsAskedForOnceInATurn() {
    Scheduler missing = new Scheduler("wlc", false, false);
    Desired before = desired(service(1, RR, ready(1)), service(2, RR, ready(1)));
    execute(desired(), before);
    table.log.clear();
    table.missModule("wlc");
    Programmer.Result result =
        execute(
            before,
            desired(
                service(1, missing, ready(1), ready(2)),
                service(2, missing, ready(2)),
                service(3, missing, ready(1)),
                serviceOf(4, missing, 5),
                service(5, RR, ready(1))));
    assertThat(schedulers(table.log)).containsExactly("set wlc", "add rr");
    assertThat(result.errors())
        .hasSize(4)
        .allSatisfy(error -> assertThat(error.expected()).contains("modprobe ip_vs_wlc"));
    assertThat(table.service(key(2)).destinations().keySet()).containsExactly(at(2));
    assertThat(table.state().services().keySet()).containsExactly(key(1), key(2), key(5));
  }

  @Test
  void whatIsAlreadySoIsDone() {
    Desired before = desired(service(1, RR, ready(1), ready(2)), service(2, RR));
    Desired after = desired(service(1, RR, ready(2), ready(3)));
    execute(desired(), before);
    // Meanwhile another program did what we are about to, and put in what we add.
    table.put(new Command.DeleteDestination(key(1), at(1)));
    table.put(new Command.AddDestination(key(1), destination(3, 5)));
    table.put(new Command.DeleteService(key(2)));
    Programmer.Result result = execute(before, after);
    assertThat(result.errors()).isEmpty();
    assertThat(result.done()).hasSize(3);
    assertThat(table.state()).isEqualTo(POLICY.effective(after, Effective.EMPTY, ADOPTED, 0));
  }

  @Test
  void aDestinationThatVanishedIsAddedInsteadOfSet() {
    Desired before = desired(service(1, RR, ready(1)));
    execute(desired(), before);
    table.put(new Command.DeleteDestination(key(1), at(1)));
    Programmer.Result result =
        programmer.execute(
            List.of(
                new Change(
                    new Command.SetDestination(key(1), destination(1, 9)),
                    destination(1, 1),
                    destination(1, 9),
                    "ready")),
            _ -> java.util.Optional.empty(),
            () -> false);
    assertThat(result.acknowledged())
        .containsExactly(new Command.AddDestination(key(1), destination(1, 9)));
    assertThat(result.done()).hasSize(1);
  }

  @Test
  void nothingIsPutIntoAServiceThatSomebodyElseMadeMeanwhile() {
    table.put(new Command.AddService(VirtualService.of(key(1), RR)));
    Programmer.Result result =
        execute(desired(), desired(serviceOf(1, Scheduler.DEFAULT, 20), service(2, RR, ready(1))));
    assertThat(result.taken()).containsExactly(key(1));
    assertThat(table.service(key(1)).destinations()).isEmpty();
    assertThat(table.service(key(1)).value().scheduler()).isEqualTo(RR);
    assertThat(table.service(key(2)).destinations()).hasSize(1);
  }

  @Test
  void aRefusedDestinationIsReportedAndTheOthersGoOn() {
    table.refuse(at(2), 22);
    Programmer.Result result =
        execute(desired(), desired(service(1, RR, ready(1), ready(2), ready(3))));
    assertThat(result.errors())
        .singleElement()
        .satisfies(
            error -> {
              assertThat(error.what()).contains(at(2).toString()).contains(key(1).toString());
              assertThat(error.errno()).isEqualTo(22);
              assertThat(error.kernelMessage()).startsWith("EINVAL");
              assertThat(error.expected()).contains("unicast");
            });
    assertThat(table.service(key(1)).destinations()).containsOnlyKeys(at(1), at(3));
  }

  @Test
  void aServiceThatVanishedIsToBeLookedAtAgain() {
    Desired before = desired(service(1, RR, ready(1)));
    execute(desired(), before);
    table.put(new Command.DeleteService(key(1)));
    Programmer.Result result = execute(before, desired(service(1, RR, ready(1), ready(2))));
    assertThat(result.vanished()).containsExactly(key(1));
    assertThat(result.errors()).isEmpty();
  }

  @Test
  void aStopFallsBetweenServicesNeverWithinOne() {
    Desired after =
        desired(
            IntStream.rangeClosed(1, 5)
                .mapToObj(i -> serviceOf(i, Scheduler.DEFAULT, 3_000))
                .toArray(dev.freeway.dataplane.core.DesiredService[]::new));
    Effective whole = POLICY.effective(after, Effective.EMPTY, ADOPTED, 0);
    int[] asked = new int[1];
    Programmer.Result result =
        programmer.execute(
            Diff.between(
                Effective.EMPTY, whole, POLICY.reasons(after, Effective.EMPTY, ADOPTED, 0)),
            _ -> java.util.Optional.empty(),
            () -> asked[0]++ > 0);
    assertThat(result.done()).hasSize(6_002);
    assertThat(table.state().services())
        .hasSize(2)
        .allSatisfy((key, service) -> assertThat(service).isEqualTo(whole.services().get(key)));
  }
}
