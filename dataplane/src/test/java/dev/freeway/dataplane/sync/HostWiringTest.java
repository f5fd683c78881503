package dev.freeway.dataplane.sync;

import static dev.freeway.dataplane.sync.Given.NAMESPACE;
import static dev.freeway.dataplane.sync.Given.RR;
import static dev.freeway.dataplane.sync.Given.at;
import static dev.freeway.dataplane.sync.Given.desired;
import static dev.freeway.dataplane.sync.Given.destination;
import static dev.freeway.dataplane.sync.Given.key;
import static dev.freeway.dataplane.sync.Given.ready;
import static dev.freeway.dataplane.sync.Given.service;
import static dev.freeway.dataplane.sync.Given.sourceNat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.Offer;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.Segment;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ListedService;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.link.FakeMachine;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the machine around the table is prepared, and what is told of it. */
final class HostWiringTest {
  private static final long SECOND = 1_000_000_000L;
  private static final ProgramError READ_ONLY =
      new ProgramError("set sysctl x", 0, "Read-only file system", "a /proc/sys to write");

  @TempDir private Path directory;
  private final List<String> log = new ArrayList<>();
  private final List<Event> programmed = new ArrayList<>();
  private final FakeTable table = new FakeTable();
  private final FakeHost host = new FakeHost(log);
  private long now = 5 * SECOND;

  private Reconciler reconciler() {
    return reconciler(table);
  }

  private Reconciler reconciler(IpvsTable kernel) {
    table.beforeExecute = () -> log.add("table");
    return new Reconciler(
        kernel,
        StateDirectory.open(directory),
        NAMESPACE,
        Settings.DEFAULT,
        () -> now,
        () -> 0,
        host);
  }

  private SyncLoop loop() {
    return loop(table);
  }

  private SyncLoop loop(IpvsTable kernel) {
    return loop(kernel, directory);
  }

  private SyncLoop loop(IpvsTable kernel, Path state) {
    return loop(kernel, state, host);
  }

  private SyncLoop loop(IpvsTable kernel, Path state, Host on) {
    return loop(kernel, state, on, Settings.DEFAULT);
  }

  private SyncLoop loop(IpvsTable kernel, Path state, Host on, Settings settings) {
    table.beforeExecute = () -> log.add("table");
    SyncListener listener =
        new SyncListener() {
          @Override
          public void programmed(Event event, long nanos) {
            programmed.add(event);
          }

          @Override
          public void hostChanged(List<HostChange> changes) {
            log.add("changed " + changes.size());
          }

          @Override
          public void repaired(long count) {
            log.add("repaired " + count);
          }

          @Override
          public void refused(ProgramError error) {
            log.add("refused " + error.what());
          }

          @Override
          public void found(String finding) {
            log.add("found " + finding);
          }
        };
    SyncLoop loop =
        new SyncLoop(
            kernel,
            StateDirectory.open(state),
            NAMESPACE,
            settings,
            () -> now,
            () -> 0,
            listener,
            () -> false,
            on,
            Checks.NONE);
    loop.start();
    return loop;
  }

  private List<String> take() {
    List<String> taken = List.copyOf(log);
    log.clear();
    return taken;
  }

  private void audit(SyncLoop loop) {
    now += SECOND;
    loop.tick();
  }

  private Event replaced(Desired desired) {
    return new Event.DesiredReplaced(desired, now);
  }

  @Test
  void anApplyPreparesProgramsAndSettles() {
    Desired desired = desired(service(1, RR, ready(1)));
    Plan plan = reconciler().plan(desired);
    assertThat(plan.host().changes()).hasSize(1);
    assertThat(take()).isEmpty();
    Outcome outcome = reconciler().apply(desired);
    assertThat(take()).startsWith("prepare 1", "table").endsWith("settle 1");
    assertThat(outcome.host().changes()).hasSize(1);
    assertThat(reconciler().apply(desired).host().changes()).isEmpty();
    reconciler().apply(desired());
    assertThat(host.addresses).isEmpty();
  }

  @Test
  void anAddressWaitsForItsServiceAndStaysWhileTheInputIsIncomplete() {
    table.missModule("nope");
    Outcome outcome =
        reconciler()
            .apply(
                desired(
                    service(1, RR, ready(1)),
                    service(
                        2,
                        new dev.freeway.dataplane.core.Scheduler("nope", false, false),
                        ready(1))));
    assertThat(outcome.errors()).isNotEmpty();
    assertThat(host.addresses).containsExactly(key(1).address());
    reconciler().apply(desired(), Absence.SERVICES_STAY);
    assertThat(host.addresses).as("part of the input is unusable").hasSize(1);
  }

  /** Their slice names no Service, and in the same edit the Service became direct. */
  @Test
  void destinationsThatAreKeptKeepTheirSourceNat() {
    reconciler().apply(desired(sourceNat(1, 1, 2), sourceNat(2, 1)));
    host.translated = Set.of(key(1));
    Absence kept = new Absence(false, "shop/web-1"::equals);
    reconciler().apply(desired(service(1, Scheduler.DEFAULT), service(2, RR)), kept);
    assertThat(host.last.services())
        .containsEntry(key(1), new HostNeeds.Need("mh", Forwarding.NAT, true))
        .containsEntry(key(2), new HostNeeds.Need("rr", Forwarding.DIRECT, false));
    assertThat(table.service(key(1)).destinations()).hasSize(2);
    host.translated = Set.of();
    reconciler().apply(desired(sourceNat(1), sourceNat(2)), kept);
    assertThat(host.last.services())
        .containsEntry(key(1), new HostNeeds.Need("rr", Forwarding.NAT, false))
        .as("new destinations will be found by their new needs")
        .containsEntry(key(2), new HostNeeds.Need("rr", Forwarding.NAT, true));
    reconciler().apply(desired(service(1, RR, ready(3))), kept);
    assertThat(host.last.services())
        .containsEntry(key(1), new HostNeeds.Need("rr", Forwarding.DIRECT, false));
  }

  @Test
  void servicesOfOthersAreSeen() {
    reconciler().apply(desired(service(1, RR, ready(1))));
    assertThat(host.last.foreign()).isFalse();
    table.put(new Command.AddService(VirtualService.of(key(99), RR)));
    reconciler().apply(desired(service(1, RR, ready(1))));
    assertThat(host.last.foreign()).isTrue();
    assertThat(host.last.held()).containsExactly(key(1));
    SyncLoop loop = loop();
    audit(loop);
    assertThat(host.last.foreign()).isTrue();
  }

  @Test
  void anErrorOfTheMachineIsListedAndTheTableIsProgrammed() {
    host.errors.add(READ_ONLY);
    Outcome outcome = reconciler().apply(desired(service(1, RR, ready(1))));
    assertThat(outcome.changes()).hasSize(2);
    assertThat(outcome.errors()).isEmpty();
    assertThat(outcome.host().errors()).containsExactly(READ_ONLY);
    assertThat(outcome.complete()).isFalse();
  }

  @Test
  void theLoopSettlesAfterATurnThatChangedServicesAndNotAfterOneThatDidNot() {
    SyncLoop loop = loop();
    take();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    assertThat(take()).startsWith("prepare 1", "table").endsWith("settle 1", "changed 1");
    loop.handle(List.of(new Event.EndpointsChanged(key(1), List.of(ready(2)), List.of(), now)));
    assertThat(take()).containsExactly("table");
    loop.handle(List.of(replaced(desired())));
    assertThat(host.addresses).as("a state that lost everything waits").hasSize(1);
    now += 5 * SECOND;
    loop.handle(List.of(replaced(desired())));
    assertThat(take()).endsWith("settle 1", "changed 1");
    assertThat(host.addresses).isEmpty();
  }

  @Test
  void anAuditRepairsTheMachineAndCountsItAndIsSilentOtherwise() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    audit(loop);
    take();
    audit(loop);
    assertThat(take()).containsExactly("settle 0");
    host.addresses.clear();
    audit(loop);
    assertThat(take()).containsExactly("settle 1", "changed 1", "repaired 1");
    assertThat(loop.snapshot().repaired()).isEqualTo(1);
    assertThat(host.addresses).hasSize(1);
  }

  @Test
  void aLastingErrorAndALastingNoteAreToldOnce() {
    host.errors.add(READ_ONLY);
    host.notes.add("left");
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    assertThat(take()).containsOnlyOnce("refused set sysctl x", "found left");
    audit(loop);
    assertThat(take()).containsExactly("settle 0");
    assertThat(loop.snapshot().errors()).containsExactly(READ_ONLY);
    host.errors.clear();
    audit(loop);
    assertThat(loop.snapshot().errors()).isEmpty();
  }

  private static DesiredService mh(int... numbers) {
    return service(
        1,
        Scheduler.DEFAULT,
        Arrays.stream(numbers).mapToObj(Given::ready).toArray(Endpoint[]::new));
  }

  private List<DestinationKey> canonical(int... numbers) {
    return Arrays.stream(numbers).mapToObj(Given::at).toList();
  }

  @Test
  void anApplyPutsADestinationThatReturnedBackIntoItsPlace() {
    reconciler().apply(desired(mh(1, 2, 3)));
    reconciler().apply(desired(mh(1, 3)));
    Outcome outcome = reconciler().apply(desired(mh(1, 2, 3)));
    assertThat(outcome.changes()).hasSize(1);
    assertThat(table.insertionOrder(key(1))).isEqualTo(canonical(1, 2, 3));
    host.keepsConnections = false;
    reconciler().apply(desired(mh(1, 3)));
    reconciler().apply(desired(mh(1, 2, 3)));
    assertThat(table.insertionOrder(key(1))).isEqualTo(canonical(1, 3, 2));
  }

  @Test
  void anAuditRestoresTheOrderWhenItHasNothingElseToDo() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(mh(1, 2, 3, 4)))));
    loop.handle(List.of(replaced(desired(mh(1, 3, 4)))));
    loop.handle(List.of(replaced(desired(mh(1, 2, 3, 4)))));
    assertThat(table.insertionOrder(key(1))).isEqualTo(canonical(1, 3, 4, 2));
    table.log.clear();
    audit(loop);
    assertThat(table.log).isEmpty(); // it has changed just now
    now += 10 * SECOND;
    audit(loop);
    assertThat(table.insertionOrder(key(1))).isEqualTo(canonical(1, 2, 3, 4));
    assertThat(table.log).hasSize(4); // two destinations, deleted and added
    table.log.clear();
    take();
    audit(loop);
    audit(loop);
    assertThat(table.log).isEmpty();
    assertThat(take()).doesNotContain("repaired 1", "table");
  }

  @Test
  void aDestinationThatTheKernelDoesNotTakeAgainIsAddedByTheNextAudit() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(mh(2, 3)))));
    loop.handle(List.of(replaced(desired(mh(1, 2, 3)))));
    table.refuse(at(2), 12);
    now += 10 * SECOND;
    audit(loop);
    assertThat(table.service(key(1)).destinations()).doesNotContainKey(at(2));
    table.accept(at(2));
    audit(loop);
    now += 10 * SECOND;
    audit(loop);
    assertThat(table.insertionOrder(key(1))).isEqualTo(canonical(1, 2, 3));
  }

  @Test
  void servicesThatAreForeignPersistentOrUnderAnotherSchedulerKeepTheirOrder() {
    VirtualService persistent =
        new VirtualService(key(1), new Scheduler("mh", true, false), 300, 32, false);
    for (VirtualService value :
        List.of(
            persistent,
            VirtualService.of(key(2), RR),
            VirtualService.of(key(3), Scheduler.DEFAULT))) {
      table.put(new Command.AddService(value));
      table.put(new Command.AddDestination(value.key(), destination(2, 1)));
      table.put(new Command.AddDestination(value.key(), destination(1, 1)));
    }
    MaglevOrder order = new MaglevOrder(table, host);
    assertThat(order.restore(table.dump(), key -> !key.equals(key(3))).moved()).isZero();
    assertThat(order.restore(table.dump(), _ -> true).moved()).isEqualTo(1);
  }

  /** A dump that leaves out a service once, as one may while others change the table. */
  private final class Skipping implements IpvsTable {
    private boolean skips;

    @Override
    public List<ListedService> services() {
      List<ListedService> all = table.services();
      List<ListedService> shown = skips ? all.subList(1, all.size()) : all;
      skips = false;
      return shown;
    }

    @Override
    public ObservedService read(ListedService service) {
      return table.read(service);
    }

    @Override
    public Optional<ObservedService> find(ServiceKey service) {
      return table.find(service);
    }

    @Override
    public List<Answer> execute(List<Command> commands) {
      return table.execute(commands);
    }

    @Override
    public void close() {}
  }

  @Test
  void aServiceThatADumpSkipsKeepsItsAddress() {
    Skipping skipping = new Skipping();
    SyncLoop loop = loop(skipping);
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1)), service(2, RR, ready(1))))));
    skipping.skips = true;
    take();
    audit(loop);
    assertThat(host.addresses).hasSize(2);
    assertThat(take()).doesNotContain("changed 1");
  }

  private void loseTheRecord() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aLostRecordTakesNoAddressAway() throws IOException {
    Desired desired = desired(service(1, RR, ready(1)));
    reconciler().apply(desired);
    loseTheRecord();
    reconciler().apply(desired);
    assertThat(host.addresses).hasSize(1);
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired)));
    audit(loop);
    assertThat(host.addresses).hasSize(1);
    assertThat(table.dump()).hasSize(1);
  }

  @Test
  void nothingIsSettledBeforeAFirstDesiredState() {
    SyncLoop loop = loop();
    audit(loop);
    assertThat(take()).isEmpty();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    assertThat(take()).contains("settle 1");
  }

  @Test
  void nothingIsProgrammedBeforeTheTableWasRead() {
    table.put(new Command.AddService(VirtualService.of(key(9), RR)));
    table.failure = new NetlinkException("read", 105, "no buffer space");
    SyncLoop loop = loop();
    table.failure = null;
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1)), service(9, RR, ready(1))))));
    assertThat(table.log).isEmpty();
    audit(loop);
    assertThat(host.last.foreign()).isTrue();
    assertThat(StateDirectory.open(directory).ownership(NAMESPACE).services())
        .containsExactly(key(1));
  }

  @Test
  void whatTheRecordCannotSayIsNotCalledProgrammed() throws IOException {
    SyncLoop loop = loop(table, Files.writeString(directory.resolve("file"), "").resolve("state"));
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    assertThat(table.dump()).isEmpty();
    assertThat(loop.snapshot().programmed()).isFalse();
    assertThat(loop.snapshot().errors())
        .extracting(ProgramError::what)
        .contains("write the record of our services");
    assertThat(programmed).isEmpty();
  }

  @Test
  void aDestinationThatAnApplyCannotAddAgainIsAnError() {
    reconciler().apply(desired(mh(2, 3)));
    table.refuse(at(2), 12);
    Outcome outcome = reconciler().apply(desired(mh(1, 2, 3)));
    assertThat(outcome.complete()).isFalse();
    assertThat(outcome.errors())
        .extracting(ProgramError::what)
        .containsExactly("add destination " + at(2) + " of " + key(1) + " again");
  }

  @Test
  void aSocketThatFailsOnTheWayIsNotCalledUntouched() {
    Reconciler reconciler = reconciler();
    reconciler.apply(desired(service(1, RR, ready(1))));
    table.beforeExecute =
        () -> {
          throw new NetlinkException("change the IPVS table", 105, "no buffer space");
        };
    Outcome outcome = reconciler.apply(desired(service(1, RR, ready(1), ready(2))));
    assertThat(outcome.interrupted()).isTrue();
    assertThat(outcome.errors()).extracting(ProgramError::errno).containsExactly(105);
  }

  private static final ProgramError NO_LIBRARY =
      new ProgramError("add source-nat table", 0, "not installed", "apt-get install it");

  private void sourceNatFails() {
    host.errors.add(NO_LIBRARY);
    host.sourceNat = Optional.of(NO_LIBRARY);
  }

  private void sourceNatWorks() {
    host.errors.clear();
    host.sourceNat = Optional.empty();
  }

  private static DesiredService limited(int service, int destination) {
    DesiredService open = service(service, RR, ready(destination));
    return new DesiredService(
        open.owner(),
        open.service(),
        open.forwarding(),
        open.sourceNat(),
        SourceRanges.of(List.of(Prefix.parse("192.0.2.0/24"))),
        open.relay(),
        open.health(),
        open.endpoints());
  }

  @Test
  void aServiceIsNotMadeBeforeOthersThanItsClientsCanBeTurnedAway() {
    host.sourceRanges = Optional.of(NO_LIBRARY);
    Desired desired = desired(service(1, RR, ready(1)), limited(2, 2));
    String refusal = "its source ranges cannot be enforced: add source-nat table: not installed";

    Outcome outcome = reconciler().apply(desired);
    assertThat(outcome.errors()).extracting(ProgramError::kernelMessage).containsExactly(refusal);
    assertThat(table.state().services()).containsOnlyKeys(key(1));

    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired)));
    assertThat(table.state().services()).containsOnlyKeys(key(1));
    assertThat(loop.snapshot().errors())
        .extracting(ProgramError::kernelMessage)
        .containsExactly(refusal);
    host.sourceRanges = Optional.empty();
    audit(loop);
    assertThat(table.state().services()).containsOnlyKeys(key(1), key(2));
    assertThat(host.last.services())
        .hasEntrySatisfying(key(2), need -> assertThat(need.sourceRanges().limited()).isTrue());

    host.sourceRanges = Optional.of(NO_LIBRARY); // one that is there stays, and its changes go on
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1)), limited(2, 3)))));
    assertThat(table.service(key(2)).destinations()).containsKey(at(3));
  }

  @Test
  void anotherRangeReachesTheMachineWithoutAChangeOfTheTable() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    loop.handle(List.of(new Event.ServiceChanged(limited(1, 1), now)));
    assertThat(host.last.services())
        .hasEntrySatisfying(key(1), need -> assertThat(need.sourceRanges().limited()).isTrue());
  }

  private Set<ServiceKey> recorded() {
    return StateDirectory.open(directory).ownership(NAMESPACE).services();
  }

  @Test
  void aServiceWithoutItsSourceNatIsRefusedByNameAndTheOthersAreProgrammed() {
    sourceNatFails();
    Desired desired = desired(service(1, RR, ready(1)), sourceNat(2, 2));
    ProgramError refusal =
        new ProgramError(
            "program Service shop/web-2",
            0,
            "its source NAT cannot be set up: add source-nat table: not installed",
            "apt-get install it");
    Plan plan = reconciler().plan(desired);
    assertThat(plan.errors()).containsExactly(refusal);
    assertThat(plan.host().errors()).containsExactly(NO_LIBRARY);
    assertThat(plan.host().changes())
        .extracting(HostChange::name)
        .containsExactly(key(1).address().toString());

    Outcome outcome = reconciler().apply(desired);

    assertThat(outcome.changes()).containsExactlyElementsOf(plan.changes()).hasSize(2);
    assertThat(outcome.errors()).containsExactly(refusal);
    assertThat(outcome.host().errors()).containsExactly(NO_LIBRARY);
    assertThat(table.state().services()).containsOnlyKeys(key(1));
    assertThat(recorded()).as("what another program makes there is not ours").containsOnly(key(1));

    sourceNatWorks();
    take();
    assertThat(reconciler().apply(desired).complete()).isTrue();
    assertThat(take()).startsWith("prepare 2", "table");
    assertThat(table.service(key(2)).destinations()).containsOnlyKeys(at(2));
  }

  @Test
  void whatAPlanKnowsWithoutTryingIsListedOnce() {
    reconciler().apply(desired(sourceNat(1, 1)));
    host.sourceNat = Optional.of(NO_LIBRARY); // and nobody tried
    Plan plan = reconciler().plan(desired(sourceNat(1, 1)));
    assertThat(plan.errors()).containsExactly(NO_LIBRARY);
    host.errors.add(NO_LIBRARY);
    assertThat(reconciler().plan(desired(sourceNat(1, 1))).errors()).isEmpty();
  }

  @Test
  void aServiceThatTranslatesAlreadyGoesOnWithoutItsSourceNat() {
    reconciler().apply(desired(sourceNat(1, 1, 2)));
    sourceNatFails();
    Outcome outcome = reconciler().apply(desired(sourceNat(1, 2, 3)));
    assertThat(outcome.errors()).isEmpty();
    assertThat(outcome.host().errors()).containsExactly(NO_LIBRARY);
    assertThat(table.service(key(1)).destinations()).containsOnlyKeys(at(2), at(3));

    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(sourceNat(1, 3, 4)))));
    assertThat(table.service(key(1)).destinations()).containsOnlyKeys(at(3), at(4));
    assertThat(loop.snapshot().errors()).containsExactly(NO_LIBRARY);
  }

  @Test
  void aServiceThatIsToBeginToTranslateStaysAsItIsWithoutItsSourceNat() {
    Desired direct = desired(service(1, RR, ready(1), ready(2)));
    reconciler().apply(direct);
    var held = table.state();
    sourceNatFails();
    Outcome outcome = reconciler().apply(desired(sourceNat(1, 2, 3)));
    assertThat(outcome.errors())
        .extracting(ProgramError::what)
        .containsExactly("program Service shop/web-1");
    assertThat(table.state()).isEqualTo(held);
    assertThat(recorded()).containsOnly(key(1));

    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(sourceNat(1, 2, 3)))));
    audit(loop);
    assertThat(table.state()).isEqualTo(held);
    assertThat(host.addresses).containsExactly(key(1).address());
  }

  @Test
  void theLoopTriesAServiceWithoutItsSourceNatAgainAtEveryAuditAndTellsItOnce() {
    sourceNatFails();
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1)), sourceNat(2, 2)))));
    assertThat(table.state().services()).containsOnlyKeys(key(1));
    assertThat(programmed).isEmpty();
    assertThat(loop.snapshot().programmed()).isTrue();
    assertThat(loop.snapshot().errors())
        .extracting(ProgramError::what)
        .containsExactly("program Service shop/web-2", NO_LIBRARY.what());
    assertThat(take()).containsOnlyOnce("refused program Service shop/web-2");
    assertThat(recorded()).containsExactly(key(1));
    audit(loop);
    assertThat(take()).containsExactly("prepare 1", "settle 0");
    assertThat(host.addresses).containsExactly(key(1).address());
    assertThat(recorded()).containsExactly(key(1));

    sourceNatWorks();
    audit(loop);
    assertThat(take()).startsWith("prepare 2", "table");
    assertThat(table.service(key(2)).destinations()).containsOnlyKeys(at(2));
    assertThat(loop.snapshot().errors()).isEmpty();
    assertThat(loop.snapshot().repaired()).isZero();
  }

  @Test
  void aLoopSetsNothingUpForAServiceWithoutItsSourceNatAndIsQuietAboutIt() {
    FakeMachine machine = new FakeMachine();
    machine.takesNft = false;
    Map<String, String> before = Map.copyOf(machine.sysctls);
    SyncLoop loop =
        loop(
            table,
            directory,
            machine.host(StateDirectory.open(directory), NAMESPACE, /* setsSysctls= */ false));
    loop.handle(List.of(replaced(desired(sourceNat(2, 2)))));
    assertThat(table.dump()).isEmpty();
    audit(loop);
    assertThat(machine.sysctls)
        .containsEntry("net/ipv4/vs/conntrack", before.get("net/ipv4/vs/conntrack"));
    assertThat(machine.table).isEmpty();
    assertThat(loop.snapshot().errors()).hasSize(1);
    take();
    audit(loop);
    assertThat(take()).isEmpty();

    machine.library = false;
    machine.log.clear();
    loop.handle(List.of(new Event.ServiceChanged(service(1, RR, ready(1)), now)));
    audit(loop);
    assertThat(machine.log).doesNotContain("set net/ipv4/vs/conntrack=1");
    assertThat(loop.snapshot().errors()).hasSize(1);

    machine.library = true;
    machine.takesNft = true;
    audit(loop);
    assertThat(table.state().services()).containsOnlyKeys(key(1), key(2));
    assertThat(machine.sysctls).containsEntry("net/ipv4/vs/conntrack", "1");
    assertThat(machine.table).isNotEmpty();
    assertThat(loop.snapshot().errors()).isEmpty();
  }

  /** A machine on the services' network, in a loop that is told who else is. */
  private SyncLoop announcing(FakeMachine machine) {
    machine.put("10.0.0.250", 24);
    return loop(
        table,
        directory,
        machine.host(StateDirectory.open(directory), NAMESPACE, false, () -> now),
        Settings.DEFAULT.with(new Announcing.Unknown()));
  }

  private Event only(String router) {
    TreeSet<Segment> segments = new TreeSet<>();
    segments.add(Segment.parse("10.0.0.0/24@02:00:0a:01:00:01"));
    TreeMap<String, Routers.Router> routers = new TreeMap<>();
    routers.put(router, new Routers.Router(new Offer(segments), false));
    return new Event.RoutersChanged(new Routers("here", routers, true), now);
  }

  @Test
  void whoAnswersFollowsTheRoutersAndNeighboursAreToldInTime() {
    FakeMachine machine = new FakeMachine();
    SyncLoop loop = announcing(machine);
    loop.handle(List.of(only("there"), replaced(desired(service(1, RR, ready(1))))));
    assertThat(machine.answers()).isEmpty();
    assertThat(loop.snapshot().announced().count(false)).isEqualTo(1);
    assertThat(programmed).as("of the table only one told").hasSize(1);

    take();
    loop.handle(List.of(only("here")));
    assertThat(machine.answers()).containsExactly("10.0.0.1");
    assertThat(loop.snapshot().announced().count(true)).isEqualTo(1);
    assertThat(take()).containsExactly("changed 1");
    assertThat(programmed).hasSize(1);
    assertThat(machine.frames()).isEqualTo(2);
    assertThat(loop.nextDeadline() - now).isEqualTo(SECOND / 4);
    now = loop.nextDeadline();
    loop.tick();
    assertThat(machine.frames()).isEqualTo(4);

    loop.handle(List.of(only("there")));
    assertThat(machine.answers()).isEmpty();
    for (int i = 0; i < 10; i++) {
      audit(loop);
    }
    assertThat(machine.frames()).isEqualTo(4);
  }

  /** So that another router answers for it. */
  @Test
  void anAddressThatTwoLooksFoundUnservedIsNotOffered() {
    FakeMachine machine = new FakeMachine();
    table.put(new Command.AddService(VirtualService.of(key(1), RR))); // another program's
    SyncLoop loop = announcing(machine);
    loop.handle(
        List.of(
            only("here"), replaced(desired(service(1, RR, ready(1)), service(2, RR, ready(2))))));
    audit(loop);
    assertThat(loop.snapshot().offer().segments()).isNotEmpty();
    audit(loop);
    assertThat(loop.snapshot().offer().unable()).containsExactly(key(1).address());
    table.put(new Command.DeleteService(key(1)));
    audit(loop);
    audit(loop);
    assertThat(loop.snapshot().offer().unable()).noneMatch(one -> true);
  }

  @Test
  void whatAnotherProgramMadeJustBeforeStaysTheirs() {
    SyncLoop loop = announcing(new FakeMachine());
    loop.handle(List.of(only("here"), replaced(desired(service(2, RR, ready(2))))));
    audit(loop);
    table.put(new Command.AddService(VirtualService.of(key(1), RR)));
    loop.handle(List.of(new Event.ServiceChanged(sourceNat(1, 1), now)));
    for (int i = 0; i < 5; i++) {
      audit(loop);
      assertThat(table.service(key(1)).destinations()).isEmpty();
      assertThat(recorded()).containsExactly(key(2));
    }
  }

  @Test
  void anAuditPutsARemovedAddressBackAndTakesOneFromADeadLink() {
    FakeMachine machine = new FakeMachine();
    SyncLoop loop = announcing(machine);
    loop.handle(List.of(only("here"), replaced(desired(service(1, RR, ready(1))))));
    audit(loop);
    take();
    machine.take("10.0.0.1");
    audit(loop);
    assertThat(machine.answers()).containsExactly("10.0.0.1");
    assertThat(take()).containsExactly("changed 1", "repaired 1");

    machine.carrier(false);
    audit(loop);
    assertThat(machine.answers()).isEmpty();
    assertThat(take()).as("nobody's fault").contains("changed 1").doesNotContain("repaired 1");
    assertThat(loop.snapshot().announced().segments()).noneMatch(one -> true);
  }

  @Test
  void beforeTheFirstDesiredStateWhatAnEarlierProcessAnsweredForStays() {
    FakeMachine machine = new FakeMachine();
    SyncLoop first = announcing(machine);
    first.handle(List.of(only("here"), replaced(desired(service(1, RR, ready(1))))));
    SyncLoop second = announcing(machine);
    second.handle(List.of(only("here")));
    audit(second);
    assertThat(machine.answers()).containsExactly("10.0.0.1");
    second.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    assertThat(machine.answers()).containsExactly("10.0.0.1");
  }

  /** Another program's service where one of ours was refused. */
  private void othersMake(int number) {
    assertThat(table.put(new Command.AddService(VirtualService.of(key(number), RR)))).isZero();
    assertThat(table.put(new Command.AddDestination(key(number), destination(99, 1)))).isZero();
  }

  private void staysTheirs(SyncLoop loop, int number) {
    audit(loop);
    assertThat(loop.snapshot().refused())
        .extracting(Ownership.Refusal::service)
        .containsExactly(key(number));
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    now += 5 * SECOND; // however much goes at once
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    audit(loop);
    assertThat(table.service(key(number)).destinations()).containsOnlyKeys(at(99));
    assertThat(recorded()).containsExactly(key(1));
  }

  @Test
  void whatAnotherProgramMakesWhereAServiceWasRefusedIsNotOurs() {
    sourceNatFails();
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1)), sourceNat(2, 2)))));
    audit(loop);
    othersMake(2);
    sourceNatWorks();
    staysTheirs(loop, 2);
  }

  private static DesiredService withoutModule() {
    return service(2, new Scheduler("nope", false, false), ready(2));
  }

  @Test
  void whatAnotherProgramMakesWhereTheKernelRefusedAServiceIsNotOurs() {
    table.missModule("nope");
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1)), withoutModule()))));
    assertThat(recorded()).containsExactly(key(1));
    audit(loop);
    assertThat(recorded()).containsExactly(key(1));
    othersMake(2);
    loop.handle(List.of(new Event.ServiceChanged(service(2, RR, ready(2)), now)));
    assertThat(loop.snapshot().errors())
        .extracting(ProgramError::errno, ProgramError::expected)
        .contains(tuple(17, "nothing there; take it over with --adopt"));
    staysTheirs(loop, 2);
  }

  @Test
  void whatAnApplyCouldNotMakeIsNotRecordedUnlessADumpSkippedIt() {
    table.missModule("nope");
    Desired desired = desired(service(1, RR, ready(1)), withoutModule());
    assertThat(reconciler().apply(desired).complete()).isFalse();
    assertThat(recorded()).containsExactly(key(1));

    sourceNatFails();
    assertThat(reconciler().apply(desired(sourceNat(2, 2))).complete()).isFalse();
    assertThat(recorded()).isEmpty();

    sourceNatWorks();
    reconciler().apply(desired(sourceNat(2, 2)));
    sourceNatFails();
    Skipping skipping = new Skipping();
    skipping.skips = true;
    assertThat(reconciler(skipping).apply(desired(sourceNat(2, 2))).complete()).isFalse();
    assertThat(recorded()).containsExactly(key(2));
  }

  @Test
  void aRecordedServiceThatIsGoneAndRefusedIsForgottenAfterTwoDumps() {
    reconciler().apply(desired(service(1, RR, ready(1)), sourceNat(2, 2)));
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1)), sourceNat(2, 2)))));
    sourceNatFails();
    table.put(new Command.DeleteService(key(2)));
    audit(loop);
    assertThat(recorded()).as("the dump may have skipped it").containsExactly(key(1), key(2));
    audit(loop);
    assertThat(recorded()).containsExactly(key(1));
    othersMake(2);
    staysTheirs(loop, 2);
  }

  @Test
  void sourceNatIsThereBeforeAServiceThatWasServingTranslates() {
    SyncLoop loop = loop();
    loop.handle(List.of(replaced(desired(service(1, RR, ready(1))))));
    take();
    loop.handle(List.of(replaced(desired(sourceNat(1, 1)))));
    assertThat(take()).startsWith("prepare 1", "table").contains("settle 0");
    loop.handle(
        List.of(
            new Event.EndpointsChanged(
                key(1), List.copyOf(sourceNat(1, 2).endpoints().values()), List.of(), now)));
    assertThat(take()).containsExactly("table");
  }

  @Test
  void aKernelThatListsInAnotherOrderIsNotReorderedForever() {
    table.put(new Command.AddService(VirtualService.of(key(1), Scheduler.DEFAULT)));
    table.put(new Command.AddDestination(key(1), destination(1, 1)));
    table.put(new Command.AddDestination(key(1), destination(2, 1)));
    MaglevOrder order = new MaglevOrder(table, host);
    List<ObservedService> reversed =
        table.dump().stream()
            .map(
                one ->
                    new ObservedService(
                        one.family(),
                        one.firewallMark(),
                        one.value(),
                        one.scheduler(),
                        one.flags(),
                        one.persistenceEngine(),
                        one.statistics(),
                        one.destinations().reversed()))
            .toList();
    assertThat(order.restore(reversed, _ -> true).moved()).isEqualTo(1);
    assertThat(order.restore(reversed, _ -> true).moved()).isZero();
  }
}
