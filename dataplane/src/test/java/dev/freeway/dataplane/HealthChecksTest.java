package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Policy;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HealthChecksTest {
  private static final String RATES = ",interval=2s,timeout=1s,rise=2,fall=4";

  /** The way of clients' packets leads to the service's port, which may not be the check's. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "TCP; http,path=/x;            http,path=/x",
        "TCP; http,port=80,path=/x;    http,port=80,path=/x",
        "TCP; http,port=81,path=/x;    tcp",
        "UDP; dns,name=a.example;      dns,name=a.example",
        "UDP; http,port=81,path=/x;    nothing",
      })
  void whatIsAskedByTheWay(Protocol protocol, String check, String byWay) {
    Policy.Drain of =
        new Policy.Drain(
            new ServiceKey(protocol, IpAddress.parse("10.0.0.1"), 80),
            new DestinationKey(IpAddress.parse("10.1.0.1"), 80));
    HealthCheck asked = ((HealthCheck.Reading.Right) HealthCheck.parse(check + RATES)).check();
    assertThat(HealthChecks.byWay(of, asked).map(HealthCheck::text).orElse("nothing"))
        .isEqualTo(byWay.equals("nothing") ? byWay : byWay + RATES);
  }
}
