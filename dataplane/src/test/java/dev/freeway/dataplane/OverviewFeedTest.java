package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Condition;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.doctor.Finding;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.ipvs.Statistics;
import dev.freeway.dataplane.kube.InputStatus;
import dev.freeway.dataplane.sync.Announced;
import dev.freeway.dataplane.sync.Snapshot;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What the page is told, from what the writer and the input say. */
final class OverviewFeedTest {
  private static final String HOSTILE = "<img src=x onerror=alert(1)>\n\033[2J\u202e";
  private static final long SECOND = 1_000_000_000L;

  private final InstantSource time = InstantSource.fixed(Instant.ofEpochSecond(1000));
  private final RecentChanges changes = new RecentChanges(time);
  private final DoctorRounds doctor =
      new DoctorRounds(
          () -> List.of(new Finding(Finding.Severity.ERROR, "n", HOSTILE, "why", "modprobe ip_vs")),
          () -> 0);
  private final List<ObservedService> table = new ArrayList<>();
  private Set<ServiceKey> ours = Set.of();
  private Map<ServiceDestination, Condition> conditions = Map.of();
  private Set<ServiceKey> panicking = Set.of();
  private InputStatus input = InputStatus.unread(100 * SECOND);
  private Optional<String> unready = Optional.empty();
  private long dumped = 99 * SECOND;

  private final OverviewFeed feed =
      new OverviewFeed(
          new OverviewFeed.Sources(
              () ->
                  new Snapshot(
                      List.copyOf(table),
                      dumped,
                      ours,
                      List.of(),
                      List.of(),
                      Optional.empty(),
                      0,
                      0,
                      true,
                      Announced.NONE,
                      Map.of(key(80), HOSTILE),
                      conditions,
                      panicking,
                      Set.of(),
                      Collections.emptySortedSet()),
              () -> input,
              changes,
              doctor,
              "node",
              true),
          snapshot -> unready,
          () -> 100 * SECOND,
          time);

  private static ServiceKey key(int port) {
    return new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), port);
  }

  private static DestinationKey backend(int last) {
    return new DestinationKey(IpAddress.parse("10.1.0." + last), 80);
  }

  private static ObservedService service(int port, long perSecond, int... weights) {
    List<ObservedDestination> destinations = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      destinations.add(
          new ObservedDestination(
              Destination.of(backend(i + 1), Forwarding.DIRECT, weights[i]),
              5,
              6,
              0,
              Statistics.NONE));
    }
    VirtualService value = VirtualService.of(key(port), new Scheduler("rr", false, false));
    return new ObservedService(
        value.key().address().family(),
        0,
        Optional.of(value),
        "rr",
        0,
        "",
        new Statistics(9, 0, 0, 0, 0, perSecond, 0, 0, 11, 12),
        destinations);
  }

  private static JsonNode json(String text) {
    assertThat(text).doesNotContain("\n");
    return new ObjectMapper().readTree(text);
  }

  private JsonNode whole() {
    assertThat(feed.changes()).isPresent();
    return json(feed.whole());
  }

  @Test
  void servicesHaveTheirOwnersAndBackendsTheirStates() {
    table.add(service(80, 7, 1, 0));
    table.add(service(81, 0, 1));
    ours = Set.of(key(80));
    conditions =
        Map.of(
            new ServiceDestination(key(80), backend(1)),
            new Condition(Condition.State.OUT, "answers 500", 0),
            new ServiceDestination(key(80), backend(9)),
            new Condition(Condition.State.OUT, "does not answer", 0));
    JsonNode services = whole().get("services");
    JsonNode web = services.get("tcp 10.0.0.1:80");
    assertThat(web.get("owner").asString()).isEqualTo(HOSTILE);
    assertThat(web.get("cps").asInt()).isEqualTo(7);
    JsonNode backends = web.get("backends");
    assertThat(backends).hasSize(3);
    assertThat(backends.get(0).get("state").asString()).isEqualTo("failing");
    assertThat(backends.get(0).get("reason").asString()).isEqualTo("answers 500");
    assertThat(backends.get(1).get("state").asString()).isEqualTo("draining");
    assertThat(backends.get(1).get("active").asInt()).isEqualTo(5);
    assertThat(backends.get(2).get("state").asString()).isEqualTo("removed");
    assertThat(backends.get(2).get("weight").asInt()).isEqualTo(-1);
    JsonNode other = services.get("tcp 10.0.0.1:81");
    assertThat(other.get("ours").asBoolean()).isFalse();
    assertThat(other.get("backends").get(0).get("state").asString()).isEqualTo("unknown");
  }

  @Test
  void onlyWhatChangedIsToldAfterTheWhole() {
    table.add(service(80, 7, 1));
    table.add(service(81, 7, 1));
    ours = Set.of(key(80), key(81));
    Await.until(
        () -> "no finding",
        () ->
            feed.changes().isPresent()
                && json(feed.whole()).get("doctor").get("findings").size() == 1);
    assertThat(feed.changes()).isEmpty();
    table.set(0, service(80, 8, 1));
    JsonNode change = json(feed.changes().orElseThrow());
    assertThat(change.propertyNames())
        .containsExactly("version", "at", "tableAt", "inputAt", "figures");
    assertThat(change.get("figures").toString())
        .isEqualTo("{\"tcp 10.0.0.1:80\":[9,8,11,12,5,6,0,0,0,0]}");
    table.set(0, service(80, 8, 0));
    change = json(feed.changes().orElseThrow());
    assertThat(change.propertyNames())
        .containsExactly("version", "at", "tableAt", "inputAt", "services");
    assertThat(change.get("services").propertyNames()).containsExactly("tcp 10.0.0.1:80");
    table.removeFirst();
    changes.held("too much");
    change = json(feed.changes().orElseThrow());
    assertThat(change.get("gone").get(0).asString()).isEqualTo("tcp 10.0.0.1:80");
    assertThat(change.get("changes")).hasSize(1);
    changes.held("again");
    unready = Optional.of("no");
    change = json(feed.changes().orElseThrow());
    assertThat(change.get("changes")).hasSize(1);
    assertThat(change.get("changes").get(0).get("reason").asString()).isEqualTo("again");
    assertThat(change.get("router").get("unready").asString()).isEqualTo("no");
    dumped += SECOND;
    assertThat(json(feed.changes().orElseThrow()).get("tableAt").asLong()).isEqualTo(1_000_000);
    assertThat(json(feed.whole()).get("changes")).hasSize(2);
  }

  @Test
  void whatIsWrongIsToldWithWhatWouldBeRight() {
    InputError error =
        new InputError("f", "1 (Service shop/web)", "metadata.name", HOSTILE, "a name");
    input =
        new InputStatus(
            List.of(new InputError("g", "", "", "broken", "YAML")),
            List.of(error),
            Set.of("shop/web", "shop/api"),
            List.of(),
            List.of(),
            0);
    panicking = Set.of(key(80));
    assertThat(whole().get("problems").get(0).get("kind").asString()).isEqualTo("panic");
    panicking = Set.of();
    JsonNode problems = whole().get("problems");
    assertThat(problems).hasSize(3);
    assertThat(problems.get(0).get("kind").asString()).isEqualTo("frozen");
    assertThat(problems.get(1).get("document").asString()).isEqualTo("Service shop/api");
    assertThat(problems.get(2).get("value").asString()).isEqualTo(HOSTILE);
    assertThat(problems.get(2).get("expected").asString()).isEqualTo("a name");
  }

  @Test
  void theRouterSaysWhatItIsAndWhyItIsNotReady() {
    unready = Optional.of("not yet");
    JsonNode document = whole();
    assertThat(document.get("version").asInt()).isEqualTo(1);
    assertThat(document.get("at").asLong()).isEqualTo(1_000_000);
    assertThat(document.get("tableAt").asLong()).isEqualTo(999_000);
    assertThat(document.get("router").get("unready").asString()).isEqualTo("not yet");
    assertThat(document.get("router").get("dataplane").asString()).isEqualTo("relay");
    assertThat(feed.page().status()).isEqualTo(200);
  }
}
