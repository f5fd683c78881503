package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that go the way of clients' packets: what a plain one does not see. */
@Tag("kernel")
@Tag("behaviour") // long, and asked of the oldest and the newest kernel alone
class HealthKernelTest extends RouterOnSegment {
  private static final Duration LIMIT = Duration.ofSeconds(100);
  private static final String CHECK = "tcp,interval=500ms,timeout=500ms,rise=1,fall=2";
  private @Nullable Process process;

  private void run() throws Exception {
    process =
        lb.call(
            () ->
                new ProcessBuilder(
                        "deploy/ipvs-router",
                        "run",
                        "--state-dir",
                        directory.resolve("state").toString(),
                        "--manifests",
                        directory.resolve("web.yaml").toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start());
  }

  @AfterEach
  void end() throws InterruptedException {
    Process running = Objects.requireNonNull(process);
    running.destroyForcibly();
    assertThat(running.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private Path log() {
    return directory.resolve("run.log");
  }

  private String logged() {
    try {
      return Files.readString(log());
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void desire(String forwarding, Family family, String check) throws IOException {
    Manifest manifest =
        new Manifest("web", Segment.vip(family))
            .with("forwarding", forwarding)
            .with("scheduler", "rr")
            .with("health-check", check)
            .ports(Segment.PORT, Segment.PORT);
    for (String backend : Segment.BACKENDS) {
      manifest.endpoint(Segment.address(backend, family));
    }
    Path next = Files.writeString(directory.resolve("next"), manifest.yaml());
    Files.move(next, directory.resolve("web.yaml"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Whether a backend is in the service's table with this weight; no weight for not at all. */
  private void until(IpAddress backend, String weight) {
    Await.until(
        LIMIT,
        () -> backend + " with weight " + weight + "; " + logged() + table(),
        () -> weight(backend).equals(weight));
  }

  private String table() {
    try {
      return lb.shell("ipvsadm -Sn");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private String weight(IpAddress backend) {
    String at = backend.withPort(Segment.PORT);
    return table()
        .lines()
        .filter(line -> line.startsWith("-a -t ") && line.contains(" -r " + at + " "))
        .map(line -> line.replaceAll(".*-w (\\d+).*", "$1").strip())
        .findFirst()
        .orElse("");
  }

  private long marks() {
    return table().lines().filter(line -> line.startsWith("-A -f ")).count();
  }

  /** A minute each, so two of the four unless the long campaigns are asked for. */
  static List<Arguments> ways() {
    Arguments direct = Arguments.of("direct", Family.IPV4);
    Arguments tunnel = Arguments.of("tunnel", Family.IPV6);
    return System.getenv("FREEWAY_FULL") == null
        ? List.of(direct, tunnel)
        : List.of(
            direct,
            tunnel,
            Arguments.of("direct", Family.IPV6),
            Arguments.of("tunnel", Family.IPV4));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("ways")
  void aBackendThatDoesNotTakePacketsToTheServiceIsTakenOutThoughItAnswers(
      String forwarding, Family family) throws Exception {
    desire(forwarding, family, CHECK);
    run();
    IpAddress second = Segment.address("b2", family);
    until(second, "1");
    Await.until(LIMIT, this::table, () -> marks() == 6);
    String vip = Segment.vip(family) + "/" + family.bits();
    String link =
        segment
            .machine("b2")
            .shell("ip -o addr show to " + vip + " | awk '{print $2}' | head -n 1")
            .strip();
    segment.machine("b2").shell("ip addr del " + vip + " dev " + link);
    until(second, "");
    assertThat(logged())
        .contains("it answers at its own address, but not by the way of its clients' packets: ");
    assertThat(weight(Segment.address("b1", family))).isEqualTo("1");
    assertThat(weight(Segment.address("b3", family))).isEqualTo("1");
    segment
        .machine("b2")
        .shell("ip addr add " + vip + " dev " + link + (family == Family.IPV6 ? " nodad" : ""));
    until(second, "1");
    assertThat(lb.shell("deploy/ipvs-router show --state-dir " + directory.resolve("state")))
        .doesNotContain("fwmark");
  }

  @Test
  void whatLeadsChecksIsRepairedAndLeavesNothingBehind() throws Exception {
    desire("direct", Family.IPV4, CHECK);
    lb.shell("modprobe ip_vs; ipvsadm -A -f 1179910145 -s rr; ipvsadm -A -f 7 -s rr");
    run();
    Await.until(LIMIT, this::table, () -> marks() == 7);
    lb.shell("ipvsadm -D -f 1179910144");
    Await.until(LIMIT, this::table, () -> marks() == 7);
    desire("direct", Family.IPV4, "none");
    Await.until(LIMIT, this::table, () -> marks() == 1);
    assertThat(table()).contains("-A -f 7 ");
  }
}
