package dev.freeway.dataplane.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.RelayRules;
import dev.freeway.dataplane.core.SourceRanges;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final IpAddress CLIENT = IpAddress.parse("192.0.2.1");
  private static final IpAddress OTHER = IpAddress.parse("192.0.2.2");

  private long now = 1_000_000_000_000L;
  private HostNeeds.Need need = need(0, 0, 0, 0);
  private final Admission admission = new Admission(() -> need, () -> now);

  private static HostNeeds.Need need(int connections, int rate, int ofClient, int rateOfClient) {
    return new HostNeeds.Need(
        "rr",
        Forwarding.NAT,
        false,
        SourceRanges.EVERYONE,
        new RelayRules(
            false, RelayRules.ProxyProtocol.NONE, connections, rate, ofClient, rateOfClient));
  }

  private void later(long millis) {
    now += Duration.ofMillis(millis).toNanos();
  }

  private int comeOf(int tries, IpAddress client) {
    int came = 0;
    for (int i = 0; i < tries; i++) {
      came += admission.come(client) ? 1 : 0;
    }
    return came;
  }

  @Test
  void withoutLimitsEverybodyComes() {
    assertThat(comeOf(10_000, CLIENT)).isEqualTo(10_000);
    assertThat(admission.pauses()).isFalse();
    assertThat(admission.pause()).isZero();
  }

  @Test
  void onlyClientsOfTheSourceRangesCome() {
    need =
        new HostNeeds.Need(
            "rr",
            Forwarding.NAT,
            false,
            SourceRanges.of(List.of(Prefix.parse("192.0.2.2/32"))),
            RelayRules.NONE);
    assertThat(admission.come(CLIENT)).isFalse();
    assertThat(admission.come(OTHER)).isTrue();
  }

  @Test
  void aClientHasSoManyAtOnce() {
    need = need(0, 0, 3, 0);
    assertThat(comeOf(5, CLIENT)).isEqualTo(3);
    assertThat(comeOf(1, OTHER)).isEqualTo(1);
    admission.left(CLIENT);
    assertThat(comeOf(5, CLIENT)).isEqualTo(1);
  }

  @Test
  void aClientHasSoManyASecond() {
    need = need(0, 0, 0, 10);
    assertThat(comeOf(50, CLIENT)).isEqualTo(10);
    assertThat(comeOf(50, OTHER)).isEqualTo(10);
    later(500);
    assertThat(comeOf(50, CLIENT)).isEqualTo(5);
    later(60_000);
    assertThat(comeOf(50, CLIENT)).isEqualTo(10); // nothing is saved up beyond a second's
  }

  @Test
  void addressesOfOneNetworkOfIpv6AreOneClient() {
    need = need(0, 0, 1, 0);
    assertThat(admission.come(IpAddress.parse("2001:db8::1"))).isTrue();
    assertThat(admission.come(IpAddress.parse("2001:db8::2"))).isFalse();
    assertThat(admission.come(IpAddress.parse("2001:db8:0:1::2"))).isTrue();
  }

  @Test
  void aServiceHasSoManyAtOnce() {
    need = need(2, 0, 0, 0);
    assertThat(admission.pauses()).isTrue();
    assertThat(comeOf(2, CLIENT)).isEqualTo(2);
    assertThat(admission.pause()).isEqualTo(Long.MAX_VALUE);
    admission.left(CLIENT);
    assertThat(admission.pause()).isZero();
  }

  @Test
  void aServiceHasSoManyASecond() {
    need = need(0, 4, 0, 0);
    later(1000);
    assertThat(comeOf(4, CLIENT)).isEqualTo(4);
    assertThat(admission.pause()).isEqualTo(Duration.ofMillis(250).toNanos());
    later(250);
    assertThat(admission.pause()).isZero();
  }

  @Test
  void whoCameBeforeTheLimitIsNotCountedTwice() {
    assertThat(comeOf(3, CLIENT)).isEqualTo(3);
    need = need(0, 0, 1, 0);
    assertThat(comeOf(2, CLIENT)).isEqualTo(1);
    for (int i = 0; i < 4; i++) {
      admission.left(CLIENT);
    }
    assertThat(comeOf(2, CLIENT)).isEqualTo(1);
    assertThat(admission.pause()).isZero();
  }
}
