package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.health.Assessment;
import dev.freeway.dataplane.health.probe.Target;
import dev.freeway.dataplane.sync.Checks;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HealthChecksTest {
  private static final String RATES = ",interval=2s,timeout=1s,rise=2,fall=4";

  /** Of a check at the service's own port, and of one elsewhere beside a way that only connects. */
  @ParameterizedTest
  @CsvSource({
    // direct, by the way, believed, and where the check asks elsewhere
    "UP,      none,    nothing, nothing",
    "DEAD,    none,    direct,  direct",
    "UP,      UP,      way,     direct",
    "FAILING, UP,      way,     direct",
    "none,    UP,      way,     nothing",
    "UNKNOWN, UNKNOWN, way,     direct",
    "UP,      DEAD,    but,     but",
    "DEAD,    DEAD,    direct,  direct",
    "none,    DEAD,    way,     way",
  })
  void whatIsBelieved(String direct, String byWay, String own, String elsewhere) {
    assertThat(word(false, direct, byWay)).isEqualTo(own);
    assertThat(word(true, direct, byWay)).isEqualTo(elsewhere);
  }

  private static String word(boolean elsewhere, String direct, String byWay) {
    return HealthChecks.believed(
            true, elsewhere, assessment(direct, "direct"), assessment(byWay, "way"))
        .map(believed -> believed.but().isEmpty() ? believed.assessment().reason() : "but")
        .orElse("nothing");
  }

  private static @Nullable Assessment assessment(String state, String reason) {
    return state.equals("none") ? null : new Assessment(Assessment.State.valueOf(state), reason, 0);
  }

  /** The writer may have too much to do, or be gone: checks go on, and it hears all, in order. */
  @Test
  @Timeout(30)
  void noCheckWaitsForTheWriterAndNothingIsLost() throws Exception {
    ServiceDestination of =
        new ServiceDestination(
            new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), 80),
            new DestinationKey(IpAddress.parse("127.0.0.1"), 80));
    HealthCheck hourly =
        ((HealthCheck.Reading.Right) HealthCheck.parse("tcp,interval=1h,timeout=1s")).check();
    Semaphore writer = new Semaphore(0);
    BlockingQueue<Event> heard = new LinkedBlockingQueue<>();
    try (HealthChecks checks =
        new HealthChecks(
            8, System::nanoTime, RouterFixture.logsTo(OutputStream.nullOutputStream()))) {
      checks.tell(
          event -> {
            writer.acquire();
            heard.add(event);
          });
      checks.watch(Map.of(of, new Checks.Check(hourly, 0, ProxyProtocol.NONE)));
      Target target = Target.of(of.service(), of.destination(), hourly);
      for (int i = 0; i < 10_000; i++) { // more than the writer's queue has room for
        checks.changed(target, new Assessment(Assessment.State.DEAD, "number " + i, i));
      }
      assertThat(heard).isEmpty();
      writer.release(20_000);
      for (int i = 0; i < 10_000; i++) {
        Event.HealthChanged word = (Event.HealthChanged) heard.take();
        if (word.health().reason().endsWith("connection refused")) {
          word = (Event.HealthChanged) heard.take(); // the check's own
        }
        assertThat(word.health().reason()).endsWith("number " + i);
      }
    }
  }

  @Test
  void withoutAWayThePlainWordCounts() {
    Assessment up = new Assessment(Assessment.State.UP, "", 0);
    assertThat(HealthChecks.believed(false, false, up, null))
        .contains(new HealthChecks.Believed(up, ""));
    assertThat(HealthChecks.believed(false, true, up, null))
        .contains(new HealthChecks.Believed(up, ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"http,path=/x; V2", "http,port=80,path=/x; V2", "http,port=81,path=/x; NONE"})
  void theHeaderIsSentAtTheServicesOwnPort(String check, ProxyProtocol sent) {
    ServiceDestination of =
        new ServiceDestination(
            new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 8080),
            new DestinationKey(IpAddress.parse("10.1.0.1"), 80));
    HealthCheck asked = ((HealthCheck.Reading.Right) HealthCheck.parse(check + RATES)).check();
    assertThat(HealthChecks.plainly(of, new Checks.Check(asked, 0, ProxyProtocol.V2)).proxy())
        .isEqualTo(sent);
  }

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
    ServiceDestination of =
        new ServiceDestination(
            new ServiceKey(protocol, IpAddress.parse("10.0.0.1"), 80),
            new DestinationKey(IpAddress.parse("10.1.0.1"), 80));
    HealthCheck asked = ((HealthCheck.Reading.Right) HealthCheck.parse(check + RATES)).check();
    assertThat(HealthChecks.byWay(of, asked).map(HealthCheck::text).orElse("nothing"))
        .isEqualTo(byWay.equals("nothing") ? byWay : byWay + RATES);
  }
}
