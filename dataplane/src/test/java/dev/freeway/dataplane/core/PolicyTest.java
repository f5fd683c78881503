package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PolicyTest {
  private static final Policy POLICY = new Policy(Duration.ofSeconds(30));
  private static final long SECOND = 1_000_000_000L;
  private static final long NOW = 1_000 * SECOND;
  private static final ServiceKey KEY =
      new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80);
  private static final Destination FULL =
      Destination.of(new DestinationKey(IpAddress.parse("10.1.0.1"), 80), Forwarding.DIRECT, 7);

  /**
   * Held: the weight in the kernel, or -1 for nothing there. Since: seconds that it drains, or -1.
   * Then: the weight that it is to have, or -1 for removal.
   */
  @ParameterizedTest(name = "{0} others ready {1} held {2} since {3} under {4}: {5} {6}")
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "READY,               true,  -1, -1, rr,                7, ready",
        "READY,               true,   0, -1, rr,                7, ready",
        "READY,               true,   7, 99, 'mh',              7, ready",
        "SERVING_TERMINATING, false, -1, -1, rr,                7, no ready endpoint",
        "SERVING_TERMINATING, false,  7, 99, rr,                7, no ready endpoint",
        "SERVING_TERMINATING, true,   7, -1, rr,                0, no new connections",
        "SERVING_TERMINATING, true,  -1, -1, rr,               -1, nothing to drain",
        "TERMINATING,         false,  7, -1, rr,                0, no new connections",
        "TERMINATING,         true,   0, 29, rr,                0, no new connections",
        "TERMINATING,         true,   0, 30, rr,               -1, limit of 30 s",
        "TERMINATING,         true,   0, -1, rr,                0, no new connections",
        "TERMINATING,         true,  -1, -1, rr,               -1, nothing to drain",
        "TERMINATING,         true,   7, -1, dh,               -1, would drop new clients",
        "TERMINATING,         true,   7, -1, sh,               -1, would drop new clients",
        "TERMINATING,         true,   7, -1, mh,               -1, would drop new clients",
        "TERMINATING,         true,   7, -1, 'mh,mh-port',     -1, would drop new clients",
        "TERMINATING,         true,   7, -1, 'mh,mh-fallback',  0, no new connections",
        "TERMINATING,         true,   7, -1, 'sh,sh-fallback',  0, no new connections",
        "TERMINATING,         true,   7, -1, wlc,               0, no new connections",
        "'',                  true,   7, -1, rr,               -1, no longer in the input",
      })
  void decides(
      String condition,
      boolean anyReady,
      int held,
      int since,
      String scheduler,
      int then,
      String reason) {
    String[] parts = scheduler.split(",", -1);
    Policy.Verdict verdict =
        POLICY.judge(
            VirtualService.of(
                KEY,
                new Scheduler(
                    parts[0], scheduler.contains("fallback"), scheduler.contains("port"))),
            condition.isEmpty() ? null : new Endpoint(FULL, Endpoint.Condition.valueOf(condition)),
            anyReady,
            held < 0 ? null : FULL.with(held),
            since < 0 ? Policy.NOT_DRAINING : NOW - since * SECOND,
            NOW);
    assertThat(verdict.reason()).contains(reason);
    int weight =
        switch (verdict) {
          case Policy.Verdict.Serving serving -> serving.value().weight();
          case Policy.Verdict.Draining draining -> draining.value().weight();
          case Policy.Verdict.Out out -> out.value().weight();
          case Policy.Verdict.Gone _ -> -1;
        };
    assertThat(weight).isEqualTo(then);
  }

  @Test
  void aDrainThatIsAdoptedBeginsItsClockAnew() {
    Policy.Verdict verdict =
        POLICY.judge(
            VirtualService.of(KEY, Scheduler.DEFAULT),
            new Endpoint(FULL, Endpoint.Condition.TERMINATING),
            true,
            FULL.with(0),
            Policy.NOT_DRAINING,
            NOW);
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Policy.Verdict.Draining.class,
            draining -> assertThat(draining.sinceNanos()).isEqualTo(NOW));
  }
}
