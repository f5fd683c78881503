package dev.freeway.dataplane.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long clients stick, by the rules of {@code ip_vs_conn_expire}. */
class PersistenceTest {
  private static final IpAddress CLIENT = IpAddress.parse("198.51.100.7");
  private static final Scheduler RR = new Scheduler("rr", false, false);
  private static final int TIMEOUT = 10;

  private final ServiceKey key = new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80);
  private long seconds = 1000;
  private final RelayService service =
      new RelayService(
          new VirtualService(key, RR, TIMEOUT, 32, false),
          Scheduling.of(RR, key.address()).orElseThrow(),
          () -> TimeUnit.SECONDS.toNanos(seconds));

  @BeforeEach
  void two() {
    for (int last = 1; last <= 2; last++) {
      service.add(
          Destination.of(
              new DestinationKey(IpAddress.parse("10.1.0." + last), 80), Forwarding.NAT, 1));
    }
  }

  private Member come() {
    return service.choose(CLIENT, 1024, Set.of()).orElseThrow();
  }

  /** As the table looks each moment at what has timed out. */
  private void pass(int length) {
    for (int i = 0; i < length; i++) {
      seconds++;
      service.estimate(1);
    }
  }

  private int templates() {
    return service.observed(true).destinations().stream()
        .mapToInt(ObservedDestination::persistentConnections)
        .sum();
  }

  @Test
  void aClientSticksForAsLongAsItHasAConnection() {
    Member first = come();
    pass(100 * TIMEOUT);
    Member again = come();
    assertThat(again).isSameAs(first);
    service.over(first, CLIENT, false);
    pass(100 * TIMEOUT);
    assertThat(templates()).isEqualTo(1); // the second connection is there
    service.over(again, CLIENT, false);
    pass(61); // looked at once a minute, as in the kernel
    assertThat(templates()).isZero();
    assertThat(come()).isNotSameAs(first);
  }

  @Test
  void aClientThatHasLeftSticksForTheTimeOut() {
    Member first = come();
    service.over(first, CLIENT, false);
    pass(TIMEOUT - 1);
    assertThat(templates()).isEqualTo(1);
    pass(1);
    assertThat(templates()).isZero();
    assertThat(come()).isNotSameAs(first);
  }

  /** What ends later of an earlier member is none of the connections to the one of now. */
  @Test
  void aMemberThatIsLeftForAnotherKeepsNobody() {
    Member first = come();
    service.set(first, first.value().with(0));
    Member second = come();
    assertThat(second).isNotSameAs(first);
    service.over(first, CLIENT, false);
    pass(100 * TIMEOUT);
    assertThat(come()).isSameAs(second);
  }

  @Test
  void prefixesOfAnotherLengthBeginAnew() {
    Member first = come();
    service.set(
        new VirtualService(key, RR, TIMEOUT, 24, false),
        Scheduling.of(RR, key.address()).orElseThrow());
    assertThat(templates()).isZero();
    service.over(first, CLIENT, false);
    assertThat(templates()).isZero();
  }
}
