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
import static dev.freeway.dataplane.sync.Given.servingTerminating;
import static dev.freeway.dataplane.sync.Given.terminating;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.ShrinkGuard;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SyncLoopTest {
  private static final long SECOND = 1_000_000_000L;

  /** What was told, a line each. */
  private static final class Told implements SyncListener {
    private final List<String> lines = new ArrayList<>();
    private final List<Long> latencies = new ArrayList<>();

    @Override
    public void programmed(Event event, long nanos) {
      latencies.add(nanos);
    }

    @Override
    public void changed(List<Change> changes, long kernelNanos) {
      lines.add("changed " + changes.size());
    }

    @Override
    public void repaired(long count) {
      lines.add("repaired " + count);
    }

    @Override
    public void refused(ProgramError error) {
      lines.add("refused " + error.what());
    }

    @Override
    public void refused(Ownership.Refusal refusal) {
      lines.add("foreign " + refusal.service());
    }

    @Override
    public void held(String reason) {
      lines.add("held");
    }

    @Override
    public void kernelFailed(NetlinkException failure, boolean again) {
      lines.add("kernel failed" + (again ? " again" : ""));
    }

    @Override
    public void stateFailed(StateException failure, boolean again) {
      lines.add("state failed" + (again ? " again" : ""));
    }

    @Override
    public void found(String finding) {
      lines.add("found");
    }

    private List<String> take() {
      List<String> taken = List.copyOf(lines);
      lines.clear();
      return taken;
    }
  }

  @TempDir private Path directory;
  private final FakeTable table = new FakeTable();
  private final Told told = new Told();
  private long now = 5 * SECOND;
  private Duration booted = Duration.ofDays(3); // before the other clock's zero

  private long boot() {
    return booted.plusNanos(now).toMillis();
  }

  private SyncLoop loop() {
    SyncLoop loop =
        new SyncLoop(
            table,
            StateDirectory.open(directory),
            NAMESPACE,
            Settings.DEFAULT,
            () -> now,
            this::boot,
            told,
            () -> false);
    loop.start();
    return loop;
  }

  private Event replaced(Desired desired) {
    return new Event.DesiredReplaced(desired, now);
  }

  private static Event changed(int service, Endpoint endpoint, long received) {
    return new Event.EndpointsChanged(key(service), List.of(endpoint), List.of(), received);
  }

  private void audit(SyncLoop loop) {
    now = Math.max(now, loop.nextDeadline());
    loop.tick();
  }

  private int weight(int service, int destination) {
    var held = table.service(key(service)).destinations().get(at(destination));
    return held == null ? -1 : held.weight();
  }

  @Test
  void anEventIsProgrammedAndTimedFromItsReceipt() {
    SyncLoop loop = loop();
    Event event = replaced(desired(service(1, RR, ready(1))));
    now += 3_000;
    loop.handle(List.of(event));
    assertThat(weight(1, 1)).isEqualTo(1);
    assertThat(told.latencies).containsExactly(3_000L);
    assertThat(told.take()).containsExactly("changed 2");
    assertThat(loop.snapshot().programmed()).isTrue();
    assertThat(loop.snapshot().ours()).containsExactly(key(1));
  }

  @Test
  void eventsThatArriveTogetherAreProgrammedTogether() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    told.take();
    table.log.clear();
    loop.handle(
        List.of(
            changed(1, ready(2), now), changed(1, terminating(2), now), changed(1, ready(3), now)));
    assertThat(table.log).containsExactly(new Command.AddDestination(key(1), destination(3, 1)));
    assertThat(told.latencies).hasSize(4);
  }

  @Test
  void anAuditThatFindsNothingChangesNothingAndTellsNothing() throws IOException {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    told.take();
    table.log.clear();
    Files.delete(directory.resolve("ownership-4026531840")); // would show a write
    for (int i = 0; i < 5; i++) {
      audit(loop);
    }
    assertThat(table.dumps).isEqualTo(6);
    assertThat(table.log).isEmpty();
    assertThat(told.take()).isEmpty();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void tamperingIsMendedAtTheNextAuditAndCounted() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1), ready(2)), service(2, RR)))));
    var wanted = table.state();
    told.take();
    table.put(new Command.DeleteDestination(key(1), at(1)));
    table.put(new Command.SetDestination(key(1), destination(2, 9)));
    table.put(new Command.AddDestination(key(1), destination(3, 1)));
    table.put(
        new Command.SetService(
            VirtualService.of(
                key(2), new dev.freeway.dataplane.core.Scheduler("lc", false, false))));
    audit(loop);
    assertThat(table.state()).isEqualTo(wanted);
    assertThat(told.take()).containsExactly("changed 4", "repaired 4");
    table.put(new Command.DeleteService(key(1)));
    audit(loop);
    assertThat(table.state()).isEqualTo(wanted);
    assertThat(loop.snapshot().repaired()).isEqualTo(7); // the service and its two destinations
  }

  /** Each reading of a service takes a while, so that an audit takes a turn for each. */
  private SyncLoop slowTable(int services) {
    SyncLoop loop = loop();
    List<DesiredService> desired = new ArrayList<>();
    for (int i = 1; i <= services; i++) {
      desired.add(service(i, RR, ready(1), ready(2)));
    }
    loop.handle(List.of(replaced(desired(desired.toArray(DesiredService[]::new)))));
    audit(loop); // nothing begins during it
    told.take();
    table.beforeRead = () -> now += SECOND / 1000;
    now = loop.nextDeadline();
    return loop;
  }

  /** Turns until the audit under way is over; answers how many. */
  private int finishAudit(SyncLoop loop) {
    int turns = 0;
    do {
      loop.tick();
      turns++;
    } while (loop.nextDeadline() == now);
    return turns;
  }

  @Test
  void anEventIsProgrammedInTheMiddleOfAnAudit() {
    SyncLoop loop = slowTable(4);
    loop.tick(); // one service is read
    table.put(new Command.DeleteDestination(key(3), at(1))); // another program, before it is read
    loop.handle(List.of(changed(4, terminating(2), now), changed(1, terminating(2), now)));
    assertThat(weight(4, 2)).isZero();
    assertThat(weight(1, 2)).isZero();
    assertThat(weight(3, 1)).isEqualTo(-1);
    assertThat(finishAudit(loop)).isEqualTo(3);
    assertThat(weight(3, 1)).isEqualTo(1);
    assertThat(weight(4, 2)).isZero();
    assertThat(told.take()).containsExactly("changed 2", "changed 1", "repaired 1");
    assertThat(loop.snapshot().table()).hasSize(4);
  }

  @Test
  void anEventIsProgrammedInTheMiddleOfAList() {
    SyncLoop loop = slowTable(4);
    table.betweenPieces = () -> now += SECOND / 1000;
    loop.tick(); // one service is listed
    loop.handle(List.of(changed(4, terminating(2), now)));
    assertThat(weight(4, 2)).isZero();
    assertThat(finishAudit(loop)).as("turns").isGreaterThan(4);
    assertThat(loop.snapshot().repaired()).isZero();
    assertThat(loop.snapshot().table()).hasSize(4);
  }

  @Test
  void aServiceThatAListSkipsBecauseAnotherWentIsNotTakenForGone() {
    SyncLoop loop = slowTable(4);
    table.betweenPieces = () -> now += SECOND / 1000;
    loop.tick();
    loop.tick(); // two are listed
    loop.handle(List.of(new Event.ServiceRemoved(key(1), now))); // so that the third is the second
    table.log.clear();
    finishAudit(loop);
    assertThat(table.log).as("commands").isEmpty();
    assertThat(loop.snapshot().repaired()).isZero();
    assertThat(loop.snapshot().table()).hasSize(3);
  }

  @Test
  void aServiceThatWeMakeInTheMiddleOfAListIsSeen() {
    SyncLoop loop = slowTable(2);
    table.betweenPieces = () -> now += SECOND / 1000;
    loop.tick();
    loop.handle(List.of(new Event.ServiceRemoved(key(1), now)));
    loop.handle(List.of(new Event.ServiceChanged(service(9, RR, ready(1)), now)));
    table.log.clear();
    finishAudit(loop);
    assertThat(table.log).as("commands").isEmpty();
    assertThat(loop.snapshot().table()).hasSize(2);
  }

  @Test
  void aServiceThatWeDeleteAndMakeAgainInTheMiddleOfAnAuditIsNoTampering() {
    SyncLoop loop = slowTable(3);
    loop.tick();
    loop.handle(List.of(new Event.ServiceRemoved(key(2), now)));
    loop.handle(List.of(new Event.ServiceRemoved(key(3), now)));
    loop.handle(List.of(new Event.ServiceChanged(service(3, Scheduler.DEFAULT, ready(7)), now)));
    finishAudit(loop);
    finishAudit(loop);
    assertThat(weight(3, 7)).isEqualTo(1);
    assertThat(table.find(key(2))).isEmpty();
    assertThat(loop.snapshot().repaired()).isZero();
    assertThat(told.take()).noneMatch(line -> line.startsWith("re"));
  }

  @Test
  void aServiceThatAnotherProgramDeletesInTheMiddleOfAnAuditComesBack() {
    SyncLoop loop = slowTable(3);
    loop.tick();
    table.put(new Command.DeleteService(key(3)));
    finishAudit(loop);
    finishAudit(loop);
    assertThat(weight(3, 1)).isEqualTo(1);
    assertThat(weight(3, 2)).isEqualTo(1);
  }

  @Test
  void anAuditIsGivenUpWhenTheKernelFailsBetweenItsTurns() {
    SyncLoop loop = slowTable(3);
    loop.tick();
    table.failure = new NetlinkException("change", 105, "no buffer space");
    loop.handle(List.of(changed(1, terminating(2), now)));
    assertThat(loop.nextDeadline()).isGreaterThan(now);
    table.failure = null;
    table.put(new Command.SetDestination(key(1), destination(2, 0))); // it was done all the same
    now = loop.nextDeadline();
    finishAudit(loop);
    assertThat(weight(1, 2)).isZero();
    assertThat(loop.snapshot().repaired()).isZero();
  }

  @Test
  void whatAnotherProgramMakesInThePlaceOfWhatWeDeletedInMidAuditIsTheirs() {
    SyncLoop loop = slowTable(3);
    loop.tick();
    loop.handle(List.of(new Event.ServiceRemoved(key(3), now)));
    table.put(new Command.AddService(VirtualService.of(key(3), Scheduler.DEFAULT)));
    table.put(new Command.AddDestination(key(3), destination(9, 1)));
    loop.handle(List.of(new Event.ServiceChanged(service(3, RR, ready(1)), now)));
    finishAudit(loop);
    finishAudit(loop);
    assertThat(table.service(key(3)).destinations()).containsOnlyKeys(at(9));
    assertThat(table.service(key(3)).value().scheduler()).isEqualTo(Scheduler.DEFAULT);
  }

  @Test
  void aDefectInTheMiddleOfAnAuditIsNotMetAgainBeforeTheInterval() {
    SyncLoop loop = slowTable(3);
    loop.tick();
    table.beforeRead =
        () -> {
          throw new IllegalStateException("a defect");
        };
    assertThatIllegalStateException().isThrownBy(loop::tick);
    assertThat(loop.nextDeadline()).isGreaterThan(now);
    table.beforeRead = () -> {};
    audit(loop);
    assertThat(loop.snapshot().repaired()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "99, 1", "150, 10"})
  void aListThatTakesLongMakesOnlyTheAuditsOfManyServicesRarer(int services, int seconds) {
    List<DesiredService> desired = new ArrayList<>();
    for (int i = 1; i <= services; i++) {
      desired.add(service(i, RR, ready(1)));
    }
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(desired.toArray(DesiredService[]::new)))));
    table.beforeList = () -> now += SECOND / 10; // a cold start, a slow machine
    now = loop.nextDeadline();
    long began = now;
    finishAudit(loop);
    assertThat(loop.nextDeadline() - began)
        .isBetween(seconds * SECOND, seconds * SECOND + SECOND / 10);
  }

  @Test
  void anAuditTakesNoMoreThanHalfOfTheTime() {
    SyncLoop loop = slowTable(3);
    table.beforeRead = () -> now += SECOND;
    long began = now;
    finishAudit(loop);
    assertThat(now - began).isEqualTo(3 * SECOND);
    assertThat(loop.nextDeadline() - now).isEqualTo(3 * SECOND);
  }

  @Test
  void aDrainEndsAtItsDeadlineNotAtAnAudit() {
    SyncLoop loop = loop();
    table.carryConnections(key(1), 1);
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1), ready(2))))));
    now += SECOND / 2;
    loop.handle(List.of(changed(1, terminating(2), now)));
    assertThat(weight(1, 2)).isZero();
    assertThat(loop.snapshot().draining()).isEqualTo(1);
    long deadline = now + 30 * SECOND;
    while (loop.nextDeadline() < deadline) {
      audit(loop);
      assertThat(weight(1, 2)).isZero();
    }
    assertThat(loop.nextDeadline()).isEqualTo(deadline);
    int dumps = table.dumps;
    audit(loop);
    assertThat(weight(1, 2)).isEqualTo(-1);
    assertThat(table.dumps).isEqualTo(dumps);
  }

  @Test
  void aDrainIsOverAfterFiveSecondsWithoutAnActiveConnection() {
    SyncLoop loop = loop();
    beginDrain(loop);
    long begun = now;
    while (now < begun + 10 * SECOND) {
      audit(loop);
      assertThat(weight(1, 2)).isZero();
    }
    table.carryConnections(key(1), 0);
    audit(loop);
    long quiet = now;
    audit(loop);
    table.carryConnections(key(1), 1); // somebody goes on after all
    audit(loop);
    assertThat(now - quiet).isLessThan(5 * SECOND);
    table.carryConnections(key(1), 0);
    audit(loop);
    quiet = now;
    while (weight(1, 2) == 0) {
      audit(loop);
    }
    assertThat(now - quiet).isEqualTo(5 * SECOND);
    assertThat(loop.snapshot().draining()).isZero();
    audit(loop);
    assertThat(weight(1, 2)).as("its endpoint is still there").isEqualTo(-1);
  }

  @Test
  void aServiceWithEndpointsOfWhichNoneServesIsWithoutABackend() {
    SyncLoop loop = loop();
    Endpoint drained = new Endpoint(destination(6, 0), Endpoint.Condition.READY);
    loop.handle(
        List.of(
            replaced(
                desired(
                    service(1, RR, ready(1)),
                    service(2, RR),
                    service(3, RR).awaiting(true),
                    service(4, RR, terminating(4)),
                    service(5, RR, servingTerminating(5)).awaiting(true),
                    service(6, RR, drained)))));
    audit(loop);
    assertThat(loop.snapshot().withoutBackend()).containsExactly(key(3));
    loop.handle(List.of(changed(1, terminating(1), now), changed(3, ready(3), now)));
    loop.handle(
        List.of(
            new Event.EndpointsChanged(key(2), List.of(), List.of(), true, now),
            new Event.EndpointsChanged(key(5), List.of(), List.of(at(5)), true, now)));
    audit(loop);
    assertThat(loop.snapshot().withoutBackend()).containsExactlyInAnyOrder(key(2), key(5));
    table.refuse(at(7), Errno.ENOMEM);
    loop.handle(List.of(new Event.EndpointsChanged(key(1), List.of(), List.of(at(1)), now)));
    audit(loop);
    loop.handle(List.of(changed(1, ready(7), now)));
    audit(loop);
    assertThat(loop.snapshot().withoutBackend()).contains(key(1));
  }

  @Test
  void aServingTerminatingEndpointTakesOverWhenTheLastReadyOneLeaves() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1), ready(2))))));
    loop.handle(List.of(changed(1, servingTerminating(2), now)));
    assertThat(weight(1, 2)).isZero();
    table.log.clear();
    loop.handle(List.of(changed(1, terminating(1), now)));
    assertThat(table.log)
        .containsExactly(
            new Command.SetDestination(key(1), destination(2, 1)),
            new Command.SetDestination(key(1), destination(1, 0)));
    loop.handle(List.of(changed(1, ready(3), now)));
    assertThat(weight(1, 2)).isZero();
  }

  private static final Desired DRAINING = desired(service(1, RR, ready(1), terminating(2)));

  private void beginDrain(SyncLoop loop) {
    table.carryConnections(key(1), 1);
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1), ready(2))))));
    loop.handle(List.of(changed(1, terminating(2), now)));
    assertThat(weight(1, 2)).isZero();
    told.take();
    table.log.clear();
  }

  /** What another process goes by: the time since the boot; nanoseconds count from anywhere. */
  private void anotherProcess(Duration later) {
    Duration then = Duration.ofMillis(boot()).plus(later);
    now = 77_000 * SECOND - now;
    booted = then.minusNanos(now);
  }

  private Map<ServiceDestination, Long> drains() {
    return StateDirectory.open(directory).drains(NAMESPACE, boot());
  }

  private Object inode() throws IOException {
    return Files.getAttribute(directory.resolve("drains-4026531840"), "unix:ino");
  }

  @Test
  void aRestartInMidDrainGoesOnDrainingAndSoDoesItsClock() throws IOException {
    beginDrain(loop());
    anotherProcess(Duration.ofSeconds(20));
    Object written = inode();

    SyncLoop after = loop();
    audit(after);
    assertThat(drains()).as("kept while nobody said what is desired").hasSize(1);
    long restarted = now - SECOND;
    after.handle(List.of(replaced(DRAINING)));
    assertThat(table.log).isEmpty();
    assertThat(after.snapshot().draining()).isEqualTo(1);
    while (weight(1, 2) == 0) {
      assertThat(inode()).as("nothing changed").isEqualTo(written);
      audit(after);
    }
    assertThat(now).isEqualTo(restarted + 10 * SECOND);
    assertThat(told.take()).containsExactly("changed 1");
    assertThat(drains()).isEmpty();
  }

  @Test
  void applyGoesOnWithADrainOfRunAndRunWithOneOfApply() {
    beginDrain(loop());
    anotherProcess(Duration.ofSeconds(15));
    Reconciler reconciler =
        new Reconciler(
            table,
            StateDirectory.open(directory),
            NAMESPACE,
            Settings.DEFAULT,
            () -> now,
            this::boot);
    assertThat(reconciler.apply(DRAINING).draining()).isEqualTo(1);
    anotherProcess(Duration.ofSeconds(15));
    assertThat(reconciler.plan(DRAINING).changes()).hasSize(1);
    loop().handle(List.of(replaced(DRAINING)));
    assertThat(weight(1, 2)).isEqualTo(-1);
  }

  @Test
  void aDrainIsTimedByTheClockThatStopsInSuspension() {
    SyncLoop loop = loop();
    beginDrain(loop);
    long begun = now;
    booted = booted.plusDays(1);
    while (weight(1, 2) == 0) {
      audit(loop);
    }
    assertThat(now).isEqualTo(begun + 30 * SECOND);
    beginDrain(loop);
    assertThat(drains().values()).containsExactly(boot());
  }

  @Test
  void aRestartUnderAClockThatIsBehindTheRecordBeginsTheDrainAnew() {
    beginDrain(loop());
    anotherProcess(Duration.ofDays(-1));
    SyncLoop after = loop();
    after.handle(List.of(replaced(DRAINING)));
    assertThat(weight(1, 2)).isZero();
    assertThat(drains().values()).containsExactly(boot());
  }

  @Test
  void aDrainIsRecordedWithoutWritingTheRecordOfServices() throws IOException {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1), ready(2))))));
    Path services = directory.resolve("ownership-4026531840");
    Object written = Files.getAttribute(services, "unix:ino");
    loop.handle(List.of(changed(1, terminating(2), now)));
    assertThat(drains()).hasSize(1);
    assertThat(Files.getAttribute(services, "unix:ino")).isEqualTo(written);
    assertThat(Files.readAllLines(services)).last().isEqualTo("tcp 10.0.0.1 80 shop/web-1");
  }

  @Test
  void anEndpointThatNeitherBeginsNorEndsADrainWritesNoRecord() throws IOException {
    SyncLoop loop = loop();
    beginDrain(loop);
    Object written = inode();
    loop.handle(List.of(changed(1, ready(3), now)));
    loop.handle(List.of(changed(1, terminating(2), now)));
    audit(loop);
    assertThat(inode()).isEqualTo(written);
    loop.handle(List.of(changed(1, ready(2), now)));
    assertThat(drains()).isEmpty();
  }

  @Test
  void aDrainThatCannotBeRecordedIsProgrammedAndRecordedOnceTheDiskTakesIt() throws IOException {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1), ready(2))))));
    Path obstacle = Files.createDirectory(directory.resolve(".drains-4026531840.new"));
    loop.handle(List.of(changed(1, terminating(2), now)));
    assertThat(weight(1, 2)).isZero();
    assertThat(told.take()).containsExactly("changed 3", "changed 1", "found");
    assertThat(told.latencies).hasSize(2);
    Files.delete(obstacle);
    long begun = boot();
    audit(loop);
    assertThat(drains().values()).containsExactly(begun);

    Files.createDirectory(obstacle);
    loop.handle(List.of(changed(1, ready(2), now)));
    loop.handle(List.of(changed(1, terminating(2), now)));
    Files.delete(obstacle);
    audit(loop);
    assertThat(drains().values()).as("of the second drain").containsExactly(begun + 1_000);
  }

  @Test
  void nothingIsDeletedBeforeAFirstDesiredState() {
    loop().handle(List.of(replaced(desired(service(1, RR, ready(1)), service(2, RR, ready(2))))));
    var held = table.state();
    SyncLoop restarted = loop();
    audit(restarted);
    assertThat(table.state()).isEqualTo(held);
    assertThat(restarted.snapshot().programmed()).isFalse();
    restarted.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    assertThat(table.state().services()).containsOnlyKeys(key(1));
  }

  @Test
  void foreignServicesAreShownRefusedOnceAndLeftAlone() {
    VirtualService foreign = VirtualService.of(key(9), RR);
    table.put(new Command.AddService(foreign));
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(9, RR, ready(1)), service(1, RR, ready(1))))));
    for (int i = 0; i < 3; i++) {
      audit(loop);
    }
    assertThat(table.service(key(9)).destinations()).isEmpty();
    assertThat(told.take()).containsExactly("foreign " + key(9), "changed 2");
    assertThat(loop.snapshot().table()).hasSize(2).filteredOn(loop.snapshot()::ours).hasSize(1);

    table.put(new Command.DeleteService(key(9))); // its owner lets go of it
    audit(loop);
    assertThat(weight(9, 1)).isEqualTo(1);
  }

  @Test
  void adoptingTakesAForeignServiceOverWithoutMakingItAnew() {
    table.put(new Command.AddService(VirtualService.of(key(9), RR)));
    table.put(new Command.AddDestination(key(9), destination(1, 1)));
    SyncLoop loop =
        new SyncLoop(
            table,
            StateDirectory.open(directory),
            NAMESPACE,
            new Settings(
                Duration.ofSeconds(30),
                List.of(),
                true,
                0.5,
                Duration.ofSeconds(1),
                Optional.empty()),
            () -> now,
            this::boot,
            told,
            () -> false);
    loop.start();
    loop.handle(List.of(replaced(desired(service(9, RR, ready(1), ready(2))))));
    loop.tick();
    assertThat(table.log).containsExactly(new Command.AddDestination(key(9), destination(2, 1)));
    assertThat(StateDirectory.open(directory).ownership(NAMESPACE).services())
        .containsExactly(key(9));
  }

  @Test
  void aServiceThatSomebodyMakesWhileWeAreAboutToStaysTheirs() {
    SyncLoop loop = loop();
    table.beforeExecute = () -> table.put(new Command.AddService(VirtualService.of(key(1), RR)));
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    table.beforeExecute = () -> {};
    for (int i = 0; i < 3; i++) {
      audit(loop);
    }
    assertThat(table.service(key(1)).destinations()).isEmpty();
    loop.handle(List.of(new Event.ServiceRemoved(key(1), now)));
    audit(loop);
    assertThat(table.state().services()).containsOnlyKeys(key(1));
  }

  @Test
  void aStateThatLostTooMuchWaitsForASecondLook() {
    SyncLoop loop = loop();
    loop.handle(
        List.of(replaced(desired(serviceOf(1, RR, 2), serviceOf(2, RR, 2), serviceOf(3, RR, 2)))));
    var held = table.state();
    loop.handle(List.of(replaced(desired(serviceOf(1, RR, 2)))));
    audit(loop);
    assertThat(table.state()).isEqualTo(held);
    assertThat(loop.snapshot().held())
        .hasValueSatisfying(why -> assertThat(why).contains("second look"));
    assertThat(told.latencies).hasSize(1);
    now += ShrinkGuard.SECOND_LOOK.toNanos();
    loop.handle(List.of(replaced(desired(serviceOf(1, RR, 2)))));
    assertThat(table.state().services()).containsOnlyKeys(key(1));
    assertThat(loop.snapshot().held()).isEmpty();
  }

  @Test
  void aRefusedChangeIsToldOnceAndTriedAtEveryAudit() {
    table.refuse(at(2), 22);
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1), ready(2))))));
    audit(loop);
    audit(loop);
    assertThat(told.take())
        .containsExactly("changed 2", "refused add destination " + at(2) + " of " + key(1));
    assertThat(loop.snapshot().errors()).hasSize(1);
    table.accept(at(2));
    audit(loop);
    assertThat(weight(1, 2)).isEqualTo(1);
    assertThat(loop.snapshot().errors()).isEmpty();
    assertThat(loop.snapshot().repaired()).isZero();
  }

  @Test
  void aFailingKernelIsToldAndWhatWasMissedIsProgrammedOnceItAnswers() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    told.take();
    table.failure = new NetlinkException("recv", 105, "ENOBUFS");
    loop.handle(List.of(changed(1, ready(2), now)));
    audit(loop);
    assertThat(told.take()).containsExactly("kernel failed", "kernel failed again");
    table.failure = null;
    audit(loop);
    assertThat(weight(1, 2)).isEqualTo(1);
    assertThat(loop.snapshot().repaired()).isZero(); // it was our own, and not tampering
    assertThat(told.take()).containsExactly("changed 1");
  }

  @Test
  void aFullDiskKeepsNewServicesOutAndExistingOnesUpToDate() throws IOException {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    told.take();
    Path obstacle = Files.createDirectory(directory.resolve(".ownership-4026531840.new"));
    loop.handle(
        List.of(replaced(desired(service(1, RR, ready(1), ready(2)), service(2, RR, ready(3))))));
    assertThat(table.state().services()).containsOnlyKeys(key(1));
    assertThat(weight(1, 2)).isEqualTo(1);
    Files.delete(obstacle);
    audit(loop);
    assertThat(table.state().services()).containsOnlyKeys(key(1), key(2));
    assertThat(told.lines).contains("state failed");
  }

  @Test
  void theRecordForgetsAServiceThatIsGoneWithoutOurDoing() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR), service(2, RR)))));
    table.put(new Command.DeleteService(key(2)));
    loop.handle(List.of(replaced(desired(service(1, RR)))));
    audit(loop);
    audit(loop);
    audit(loop);
    assertThat(StateDirectory.open(directory).ownership(NAMESPACE).services())
        .containsExactly(key(1));
  }

  /** A dump can skip an entry while another program changes the table. */
  @Test
  void theRecordKeepsAServiceThatOneDumpDoesNotShow() {
    table.put(new Command.AddService(VirtualService.of(key(1), RR)));
    StateDirectory.open(directory)
        .record(NAMESPACE, new TreeMap<>(Map.of(key(1), "shop/web-1", key(2), "shop/web-2")));
    SyncLoop loop = loop();
    assertThat(recorded()).containsExactly(key(1), key(2));
    audit(loop);
    assertThat(recorded()).containsExactly(key(1));
  }

  @Test
  void aForeignServiceThatOneDumpDoesNotShowStaysTheirs() {
    table.put(new Command.AddService(VirtualService.of(key(1), RR)));
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    table.skipped.add(key(1));
    audit(loop);
    loop.handle(List.of(new Event.ServiceChanged(service(2, RR), now)));
    table.skipped.clear();
    audit(loop);
    audit(loop);
    assertThat(table.service(key(1)).destinations()).isEmpty();
    assertThat(recorded()).containsExactly(key(2));
  }

  @Test
  void aServiceOfOursThatTheFirstDumpAfterItsCreationDoesNotShowIsThereAllTheSame() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    table.skipped.add(key(1));
    int before = table.log.size();
    audit(loop);
    assertThat(table.log).hasSize(before);
    assertThat(weight(1, 1)).isEqualTo(1);
  }

  private Set<ServiceKey> recorded() {
    return StateDirectory.open(directory).ownership(NAMESPACE).services();
  }

  @Test
  void aServiceThatVanishedUnderAChangeIsLookedForAtOnce() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    audit(loop);
    table.put(new Command.DeleteService(key(1)));
    loop.handle(List.of(changed(1, ready(2), now)));
    assertThat(loop.nextDeadline()).isEqualTo(now);
    loop.tick();
    assertThat(weight(1, 2)).isEqualTo(1);
  }

  /** The kernel did not take back what was moved: that is our own doing, and mended at once. */
  @Test
  void aMoveThatTheKernelDidNotFinishIsMendedAndIsNoTampering() {
    SyncLoop loop =
        new SyncLoop(
            table,
            StateDirectory.open(directory),
            NAMESPACE,
            Settings.DEFAULT,
            () -> now,
            this::boot,
            told,
            () -> false,
            new FakeHost(new ArrayList<>()),
            Checks.NONE);
    loop.start();
    loop.handle(List.of(replaced(desired(service(1, Scheduler.DEFAULT, ready(2), ready(3))))));
    loop.handle(List.of(changed(1, ready(1), now)));
    table.refuse(at(3), Errno.ENOMEM);
    now += 10 * SECOND; // the service has to be quiet before it is reordered
    audit(loop);
    assertThat(weight(1, 3)).isEqualTo(-1);
    assertThat(loop.nextDeadline()).isEqualTo(now);
    table.accept(at(3));
    loop.tick();
    assertThat(weight(1, 3)).isEqualTo(1);
    assertThat(loop.snapshot().repaired()).isZero();
  }
}
