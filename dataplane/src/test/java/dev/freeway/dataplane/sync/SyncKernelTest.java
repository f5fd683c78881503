package dev.freeway.dataplane.sync;

import static dev.freeway.dataplane.sync.Given.NAMESPACE;
import static dev.freeway.dataplane.sync.Given.RR;
import static dev.freeway.dataplane.sync.Given.desired;
import static dev.freeway.dataplane.sync.Given.ready;
import static dev.freeway.dataplane.sync.Given.service;
import static dev.freeway.dataplane.sync.Given.serviceOf;
import static dev.freeway.dataplane.sync.Given.terminating;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.Effective;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ListedService;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.kernel.Namespaces;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programming the real kernel, in a network namespace that begins empty for each test. */
@Tag("kernel")
final class SyncKernelTest {
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  @TempDir private Path directory;
  private Ipvs ipvs;

  @BeforeEach
  void inAnEmptyNamespace() throws Exception {
    Namespaces.enterNew();
    ipvs = Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC));
  }

  @AfterEach
  void close() {
    ipvs.close();
  }

  private Reconciler reconciler(IpvsTable table, String state) {
    return new Reconciler(
        table,
        StateDirectory.open(directory.resolve(state)),
        NAMESPACE,
        Settings.DEFAULT,
        System::nanoTime,
        BootClock.SYSTEM);
  }

  /** One command at a time, and none after the last that is allowed. */
  private IpvsTable killedAfter(int commands) {
    int[] left = {commands};
    return new IpvsTable() {
      @Override
      public List<ListedService> services() {
        return ipvs.services();
      }

      @Override
      public ObservedService read(ListedService service) {
        return ipvs.read(service);
      }

      @Override
      public Optional<ObservedService> find(ServiceKey service) {
        return ipvs.find(service);
      }

      @Override
      public List<Answer> execute(List<Command> all) {
        return all.stream()
            .map(
                command -> {
                  if (left[0]-- <= 0) {
                    throw new Killed();
                  }
                  return ipvs.execute(List.of(command)).getFirst();
                })
            .toList();
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void aServiceThatIsFilledEndsUnderItsSchedulerWithAllItsDestinations() {
    Desired desired =
        desired(
            serviceOf(1, Scheduler.DEFAULT, 300),
            serviceOf(2, Scheduler.DEFAULT, 300),
            serviceOf(3, RR, 20));
    Outcome outcome = reconciler(ipvs, "state").apply(desired);
    assertThat(outcome.complete()).isTrue();
    assertThat(outcome.changes()).hasSize(623);
    assertThat(Observed.of(ipvs.dump()).services())
        .isEqualTo(
            new Policy(Duration.ofSeconds(30))
                .effective(desired, Effective.EMPTY, Policy.DrainClock.ADOPTED, 0)
                .services());
    assertThat(reconciler(ipvs, "state").plan(desired).changes()).isEmpty();
  }

  @Test
  void aKillAtAnyCommandIsMendedByTheNextRun() {
    Desired before =
        desired(serviceOf(1, Scheduler.DEFAULT, 4), service(2, RR, ready(1)), service(4, RR));
    Desired after =
        desired(
            service(1, Scheduler.DEFAULT, ready(1), ready(2), ready(9), terminating(3)),
            service(2, new Scheduler("wlc", false, false), ready(2), ready(3)),
            serviceOf(3, Scheduler.DEFAULT, 5));
    Policy policy = new Policy(Duration.ofSeconds(30));
    Effective was = policy.effective(before, Effective.EMPTY, Policy.DrainClock.ADOPTED, 0);
    Effective is = policy.effective(after, was, Policy.DrainClock.ADOPTED, 0);
    for (int kill = 0; ; kill++) {
      String state = "kill-" + kill;
      reconciler(ipvs, state).apply(before);
      boolean killed = false;
      try {
        reconciler(killedAfter(kill), state).apply(after);
      } catch (Killed e) {
        killed = true;
      }
      assertThat(reconciler(ipvs, state).apply(after).complete()).as(state).isTrue();
      assertThat(Observed.of(ipvs.dump()).services()).as(state).isEqualTo(is.services());
      assertThat(reconciler(ipvs, state).apply(desired()).complete()).isTrue();
      assertThat(ipvs.dump()).as(state).isEmpty();
      if (!killed) {
        assertThat(kill).isGreaterThan(12);
        return;
      }
    }
  }
}
