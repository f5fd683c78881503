package dev.freeway.dataplane.sync;

import static dev.freeway.dataplane.sync.Given.NAMESPACE;
import static dev.freeway.dataplane.sync.Given.RR;
import static dev.freeway.dataplane.sync.Given.at;
import static dev.freeway.dataplane.sync.Given.desired;
import static dev.freeway.dataplane.sync.Given.key;
import static dev.freeway.dataplane.sync.Given.ready;
import static dev.freeway.dataplane.sync.Given.service;
import static dev.freeway.dataplane.sync.Given.serviceOf;
import static dev.freeway.dataplane.sync.Given.terminating;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.kernel.DestinationSpec;
import dev.freeway.dataplane.kernel.Faults;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.kernel.ModelConnection;
import dev.freeway.dataplane.kernel.ServiceId;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way from a desired state through netlink bytes to the modelled kernel. */
final class ModelledKernelTest {
  private static final VirtualService FOREIGN = VirtualService.of(key(99), RR);
  private static final IpAddress CLIENT = IpAddress.parse("192.0.2.1");

  @TempDir private Path directory;

  private static IpvsTable table(KernelModel kernel) {
    return Ipvs.open(kernel::open);
  }

  private static void addForeign(KernelModel kernel) {
    try (IpvsTable other = table(kernel)) {
      assertThat(
              other.execute(
                  List.of(
                      new Command.AddService(FOREIGN),
                      new Command.AddDestination(FOREIGN.key(), Given.destination(50, 3)))))
          .allMatch(answer -> answer.done());
    }
  }

  private static List<ModelConnection> clients(KernelModel kernel, ServiceKey service, int count) {
    List<ModelConnection> open = new ArrayList<>();
    for (int port = 0; port < count; port++) {
      open.add(kernel.connect(CLIENT, 20_000 + port, ServiceId.of(service)).orElseThrow());
    }
    return open;
  }

  /** Of a tunnel type that a newer kernel may have. */
  @Test
  void aDestinationThatCannotBeReadDoesNotStopRepairAndIsToldOnce() {
    KernelModel kernel = new KernelModel(1);
    addForeign(kernel);
    DestinationSpec strange = new DestinationSpec(Given.at(51), 2, 1, 0, 0, 7, 0, 0);
    assertThat(kernel.newDestination(ServiceId.of(FOREIGN.key()), strange)).isZero();
    List<String> told = new ArrayList<>();
    long[] now = {0};
    try (IpvsTable table = table(kernel)) {
      SyncLoop loop =
          loop(
              table,
              () -> now[0],
              new SyncListener() {
                @Override
                public void found(String finding) {
                  told.add(finding);
                }
              });
      loop.handle(List.of(new Event.DesiredReplaced(desired(service(1, RR, ready(1))), 0)));
      kernel.deleteService(ServiceId.of(key(1)));
      for (int audit = 0; audit < 3; audit++) {
        now[0] = loop.nextDeadline();
        loop.tick();
      }
    }
    assertThat(kernel.service(key(1)).orElseThrow().destinations()).hasSize(1);
    assertThat(kernel.service(FOREIGN.key()).orElseThrow().destinations()).hasSize(2);
    assertThat(told)
        .singleElement()
        .asString()
        .contains("tunnel type 7: expected 0 to 2")
        .contains(FOREIGN.key().address().toString());
  }

  /** Unloaded and loaded again, the module has another number and an empty table. */
  @Test
  void aModuleThatIsLoadedAgainIsFoundAndItsTableFilledByTheNextAudit() {
    KernelModel kernel = new KernelModel(1);
    List<String> failures = new ArrayList<>();
    long[] now = {0};
    try (IpvsTable table = table(kernel)) {
      SyncLoop loop =
          loop(
              table,
              () -> now[0],
              new SyncListener() {
                @Override
                public void kernelFailed(NetlinkException failure, boolean again) {
                  failures.add(failure.getMessage());
                }
              });
      loop.handle(List.of(new Event.DesiredReplaced(desired(service(1, RR, ready(1))), 0)));
      kernel.flush();
      kernel.setLoaded(false);
      now[0] = loop.nextDeadline();
      loop.tick();
      assertThat(failures).singleElement().asString().contains("modprobe ip_vs");
      kernel.setLoaded(true);
      loop.handle(
          List.of(new Event.EndpointsChanged(key(1), List.of(ready(2)), List.of(), now[0])));
      now[0] = loop.nextDeadline();
      loop.tick();
      assertThat(failures).hasSize(1);
      assertThat(loop.snapshot().errors()).isEmpty();
    }
    assertThat(kernel.service(key(1)).orElseThrow().destinations()).hasSize(2);
  }

  /** It is in the way of a desired one, which audits must not make an occasion for more audits. */
  @Test
  void aServiceThatCannotBeReadIsLookedAtAtTheInterval() {
    KernelModel kernel = new KernelModel(1);
    ServiceKey six = new ServiceKey(Protocol.TCP, IpAddress.parse("2001:db8::1"), 80);
    long[] now = {0};
    try (IpvsTable table = table(kernel);
        IpvsTable other = table(kernel)) {
      other.execute(List.of(new Command.AddService(VirtualService.of(six, RR))));
      kernel.makeUnreadable(ServiceId.of(six));
      SyncLoop loop = loop(table, () -> now[0], new SyncListener() {});
      DesiredService wanted =
          new DesiredService(
              "shop/six", VirtualService.of(six, RR), Forwarding.DIRECT, false, new TreeMap<>());
      loop.handle(List.of(new Event.DesiredReplaced(desired(wanted), 0)));
      assertThat(loop.nextDeadline()).as("a look at once").isEqualTo(now[0]);
      for (int audit = 0; audit < 5; audit++) {
        loop.tick();
        assertThat(loop.nextDeadline() - now[0])
            .as("after audit %d", audit)
            .isEqualTo(Settings.DEFAULT.auditInterval().toNanos());
        now[0] = loop.nextDeadline();
      }
      assertThat(loop.snapshot().errors()).hasSize(1);
      assertThat(loop.snapshot().ours()).as("the other program's").isEmpty();
    }
  }

  /** The answers of a number that is no longer there mean nothing of schedulers or destinations. */
  @Test
  void aModuleThatIsLoadedAgainIsFoundByAChangeBeforeTheNextAudit() {
    KernelModel kernel = new KernelModel(1);
    List<String> refused = new ArrayList<>();
    try (IpvsTable table = table(kernel)) {
      SyncLoop loop =
          loop(
              table,
              () -> 0,
              new SyncListener() {
                @Override
                public void refused(ProgramError error) {
                  refused.add(error.what() + ": " + error.expected());
                }
              });
      loop.handle(
          List.of(
              new Event.DesiredReplaced(desired(service(1, RR, ready(1), ready(2), ready(3))), 0)));
      reload(kernel);
      loop.handle(List.of(new Event.ServiceChanged(service(2, RR, ready(1)), 0)));
      assertThat(kernel.service(key(2)).orElseThrow().destinations()).hasSize(1);
      loop.handle(List.of(new Event.EndpointsChanged(key(1), List.of(), List.of(at(3)), 0)));
      loop.tick(); // the service that was to be changed was gone: it looks at once
      assertThat(kernel.service(key(1)).orElseThrow().destinations()).hasSize(2);
      assertThat(refused).isEmpty();
    }
  }

  private static void reload(KernelModel kernel) {
    kernel.flush();
    kernel.setLoaded(false);
    kernel.setLoaded(true);
  }

  @Test
  void anAnswerThatSomethingIsNotThereIsBelievedWhileTheNumberIsTheSame() {
    KernelModel kernel = new KernelModel(1);
    try (IpvsTable table = table(kernel)) {
      table.execute(List.of(new Command.AddService(VirtualService.of(key(1), RR))));
      assertThat(table.execute(List.of(new Command.DeleteDestination(key(1), at(1)))))
          .extracting(Answer::errno)
          .containsExactly(Errno.ENOENT);
      reload(kernel);
      assertThat(
              table.execute(
                  List.of(
                      new Command.DeleteDestination(key(1), at(1)),
                      new Command.AddService(VirtualService.of(key(1), RR)))))
          .extracting(Answer::errno)
          .containsExactly(Errno.ESRCH, 0);
      kernel.flush();
      kernel.setLoaded(false);
      assertThatThrownBy(() -> table.execute(List.of(new Command.DeleteDestination(key(1), at(1)))))
          .isInstanceOf(NetlinkException.class)
          .hasMessageContaining("modprobe ip_vs");
    }
  }

  /** At every command of a change: the next run ends right, no connection that stays is lost. */
  @Test
  void aKillAtAnyCommandIsMendedAndLosesNoConnection() {
    Desired before =
        desired(
            serviceOf(1, Scheduler.DEFAULT, 6),
            service(2, RR, ready(1), ready(2)),
            service(4, RR, ready(7)));
    Desired after =
        desired(
            service(
                1,
                Scheduler.DEFAULT,
                ready(0),
                ready(1),
                ready(2),
                ready(4),
                ready(5),
                ready(9),
                terminating(3)),
            service(2, new Scheduler("wlc", false, false), ready(1), ready(2), ready(3)),
            serviceOf(3, Scheduler.DEFAULT, 12));
    Map<?, ?> expected = null;
    for (int kill = 1; ; kill++) {
      KernelModel kernel = new KernelModel(kill);
      kernel.setExpireNodestConn(true);
      addForeign(kernel);
      StateDirectory state = StateDirectory.open(directory.resolve("kill-" + kill));
      apply(kernel, state, before);
      List<ModelConnection> open = new ArrayList<>(clients(kernel, key(1), 100));
      open.addAll(clients(kernel, key(2), 100));
      open.addAll(clients(kernel, key(99), 10));

      kernel.faults().killAtCommand(kill + 1); // the first is the family's look-up
      boolean killed = false;
      try {
        apply(kernel, state, after);
      } catch (Faults.Killed e) {
        killed = true;
      }
      kernel.faults().killAtCommand(Integer.MAX_VALUE);
      assertThat(open)
          .as("killed at %d", kill)
          .allMatch(client -> kernel.packet(client, 100) == KernelModel.Verdict.FORWARDED);
      assertThat(apply(kernel, state, after).complete()).as("killed at %d", kill).isTrue();
      assertThat(open)
          .as("killed at %d", kill)
          .allMatch(client -> kernel.packet(client, 100) == KernelModel.Verdict.FORWARDED);
      try (IpvsTable table = table(kernel)) {
        Map<?, ?> services = Observed.of(table.dump()).services();
        if (expected == null) {
          expected = services;
        }
        assertThat(services).as("killed at %d", kill).isEqualTo(expected);
        assertThat(Observed.of(table.dump()).services())
            .containsOnlyKeys(key(1), key(2), key(3), FOREIGN.key());
        assertThat(Observed.of(table.dump()).services().get(FOREIGN.key()))
            .satisfies(
                foreign -> {
                  assertThat(foreign.value()).isEqualTo(FOREIGN);
                  assertThat(foreign.destinations()).hasSize(1);
                });
      }
      if (!killed) {
        assertThat(kill).isGreaterThan(20);
        return;
      }
    }
  }

  private SyncLoop loop(IpvsTable table, LongSupplier clock, SyncListener listener) {
    SyncLoop loop =
        new SyncLoop(
            table,
            StateDirectory.open(directory),
            NAMESPACE,
            Settings.DEFAULT,
            clock,
            () -> 0,
            listener,
            () -> false);
    loop.start();
    return loop;
  }

  private static Outcome apply(KernelModel kernel, StateDirectory state, Desired desired) {
    try (IpvsTable table = table(kernel)) {
      return new Reconciler(table, state, NAMESPACE, Settings.DEFAULT, () -> 0, () -> 0)
          .apply(desired);
    }
  }

  @Test
  void routersThatFillInAnyOrderOfEventsChooseTheSameDestinations() {
    Desired whole = desired(serviceOf(1, Scheduler.DEFAULT, 40));
    KernelModel one = new KernelModel(1);
    KernelModel other = new KernelModel(2);
    apply(one, StateDirectory.open(directory.resolve("one")), whole);
    apply(other, StateDirectory.open(directory.resolve("other")), whole);
    for (int port = 0; port < 500; port++) {
      assertThat(one.connect(CLIENT, 1_000 + port, ServiceId.of(key(1))).orElseThrow())
          .extracting(connection -> connection.destination().key())
          .isEqualTo(
              other
                  .connect(CLIENT, 1_000 + port, ServiceId.of(key(1)))
                  .orElseThrow()
                  .destination()
                  .key());
    }
  }

  @Test
  void aDrainingDestinationKeepsItsConnectionsAndGetsNoNewOnes() {
    KernelModel kernel = new KernelModel(7);
    StateDirectory state = StateDirectory.open(directory);
    apply(kernel, state, desired(serviceOf(1, Scheduler.DEFAULT, 4)));
    List<ModelConnection> open = clients(kernel, key(1), 200);
    apply(
        kernel,
        state,
        desired(service(1, Scheduler.DEFAULT, ready(0), ready(1), ready(2), terminating(3))));
    assertThat(open)
        .anyMatch(client -> client.destination().key().equals(Given.at(3)))
        .allMatch(client -> kernel.packet(client, 100) == KernelModel.Verdict.FORWARDED);
    for (int port = 0; port < 200; port++) {
      assertThat(
              kernel
                  .connect(CLIENT, 40_000 + port, ServiceId.of(key(1)))
                  .orElseThrow()
                  .destination()
                  .key())
          .isNotEqualTo(Given.at(3));
    }
  }

  /** Another program changes our services at random between audits. */
  @Test
  void randomTamperingIsMendedByOneAudit() {
    KernelModel kernel = new KernelModel(3);
    addForeign(kernel);
    long[] now = {0};
    try (IpvsTable table = table(kernel);
        IpvsTable other = table(kernel)) {
      SyncLoop loop = loop(table, () -> now[0], new SyncListener() {});
      loop.handle(
          List.of(
              new Event.DesiredReplaced(
                  desired(serviceOf(1, Scheduler.DEFAULT, 8), serviceOf(2, RR, 8)), 0)));
      Map<?, ?> wanted = Observed.of(other.dump()).services();
      SplittableRandom random = new SplittableRandom(11);
      for (int round = 0; round < 200; round++) {
        for (int i = random.nextInt(4); i >= 0; i--) {
          ServiceKey service = key(1 + random.nextInt(2));
          other.execute(
              List.of(
                  switch (random.nextInt(6)) {
                    case 0 -> new Command.DeleteService(service);
                    case 1 -> new Command.SetService(VirtualService.of(service, Given.RR));
                    case 2 ->
                        new Command.SetDestination(
                            service, Given.destination(random.nextInt(8), random.nextInt(3)));
                    case 3 ->
                        new Command.AddDestination(
                            service, Given.destination(8 + random.nextInt(4), 1));
                    default -> new Command.DeleteDestination(service, Given.at(random.nextInt(12)));
                  }));
        }
        now[0] = loop.nextDeadline();
        loop.tick();
        assertThat(Observed.of(other.dump()).services()).as("round %d", round).isEqualTo(wanted);
      }
      assertThat(loop.snapshot().repaired()).isGreaterThan(100);
    }
  }
}
