package dev.freeway.dataplane.sync;

import static dev.freeway.dataplane.sync.Given.NAMESPACE;
import static dev.freeway.dataplane.sync.Given.RR;
import static dev.freeway.dataplane.sync.Given.desired;
import static dev.freeway.dataplane.sync.Given.ready;
import static dev.freeway.dataplane.sync.Given.service;
import static dev.freeway.dataplane.sync.Given.sourceNat;
import static dev.freeway.dataplane.sync.Given.terminating;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthRules;
import dev.freeway.dataplane.core.Offer;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.RelayRules;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.core.Segment;
import dev.freeway.dataplane.core.SourceRanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was last known comes back as it was, or not at all. */
class LastDesiredTest {
  private static final Instant AT = Instant.parse("2026-11-26T10:00:00Z");

  @TempDir private Path directory;

  private static final HealthCheck CHECK =
      ((HealthCheck.Reading.Right) HealthCheck.parse("http,path=/a,body=it is ok")).check();

  private static Desired some() {
    DesiredService open = service(3, RR, ready(5));
    return desired(
        service(1, RR, ready(1), terminating(2)),
        sourceNat(2, 3, 4),
        new DesiredService(
            open.owner(),
            open.service(),
            open.forwarding(),
            open.sourceNat(),
            SourceRanges.of(List.of(Prefix.parse("192.0.2.0/24"), Prefix.parse("2001:db8::/48"))),
            new RelayRules(true, RelayRules.ProxyProtocol.V2, 1000, 0, 5, 20),
            new HealthRules(CHECK, 30, Duration.ofSeconds(20), true),
            open.endpoints()));
  }

  private LastDesired last() {
    return new LastDesired(StateDirectory.open(directory), NAMESPACE);
  }

  @Test
  void comesBackAsItWas() {
    assertThat(last().load().saved()).isEmpty();
    last().save(new LastDesired.Saved(some(), AT));
    assertThat(last().load().saved()).contains(new LastDesired.Saved(some(), AT));
  }

  @Test
  void theRoutersThatAnswerComeBackToo() {
    TreeMap<String, Routers.Router> routers = new TreeMap<>();
    TreeSet<Segment> segments =
        new TreeSet<>(
            List.of(
                Segment.parse("10.1.0.0/24@02:00:0a:01:00:02"),
                Segment.parse("fd00:1::/64@02:00:0a:01:00:02")));
    routers.put("node-a", new Routers.Router(new Offer(segments), false));
    routers.put("node-b", new Routers.Router(new Offer(segments), true));
    routers.put("node-c", new Routers.Router(new Offer(segments).with("-10.1.0.9"), false));
    LastDesired.Saved saved = new LastDesired.Saved(some(), AT, routers);
    last().save(saved);
    assertThat(last().load().saved()).contains(saved);
  }

  @Test
  void isNotBelievedOnceAByteOfItIsAnother() throws IOException {
    last().save(new LastDesired.Saved(some(), AT));
    Path file;
    try (Stream<Path> files = Files.list(directory)) {
      file = files.filter(one -> one.toString().contains("desired-")).findFirst().orElseThrow();
    }
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
    LastDesired.Loaded loaded = last().load();
    assertThat(loaded.saved()).isEmpty();
    assertThat(loaded.problem()).isNotEmpty();
  }

  @Test
  void saysWhichLineItCannotRead() {
    assertThat(LastDesired.parse("desired-7", "desired 2\nsaved 1\n".getBytes(UTF_8)).problem())
        .contains("desired-7 says \"desired 2\"", "reads only \"desired 1\"");
    assertThat(LastDesired.parse("desired-7", "desired 1\nsaved x\n".getBytes(UTF_8)).problem())
        .contains("\"saved x\"");
  }
}
