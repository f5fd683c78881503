package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Far more clients at once than a relay with a small heap can have: 100,000 of them where
 * FREEWAY_FULL is set, and else 2,000 for one with few descriptors.
 */
@Timeout(90)
class RelayCrowdTest {
  private static final boolean FULL = System.getenv("FREEWAY_FULL") != null;
  private static final int CLIENTS = FULL ? 100_000 : 2_000;
  private static final int DESCRIPTORS = FULL ? 20_000 : 1_200;

  /**
   * Two descriptors for each, a sixteenth for checks and 136 for everything else; half of 24 MiB
   * would do for more.
   */
  private static final int MOST = (DESCRIPTORS - 136 - Math.min(1024, DESCRIPTORS / 16)) / 2;

  /** A process has descriptors for so many, and an address has ports. */
  private static final int OF_A_PROCESS = FULL ? 12_500 : 2_000;

  /** The relay's accept queue; net.core.somaxconn allows it. */
  private static final int QUEUE = 4096;

  /**
   * Clients whose end the relay is never told of: a reset is sent once, and the loopback drops what
   * is more than net.core.netdev_max_backlog. Their connections end with the idle time-out.
   */
  private static final int UNTOLD = FULL ? CLIENTS / 200 : 0;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path directory;
  private final List<Crowd> crowds = new ArrayList<>();
  private Echo backends;
  private RelayProgram relay;
  private int port;

  @BeforeEach
  void begin() throws IOException {
    port = RelayFixture.freePort();
    backends = new Echo(2, 3, 4);
    Path manifest = directory.resolve("web.yaml");
    Files.writeString(manifest, RelayManifest.web(port, backends.port(), 2, 3, 4).yaml());
    relay =
        new RelayProgram(
            directory.resolve("log"),
            "24m",
            Integer.toString(DESCRIPTORS),
            "--manifests",
            manifest.toString(),
            "--state-dir",
            directory.resolve("state").toString(),
            "--listen",
            "127.0.0.1:0");
    for (int i = 0; i < CLIENTS / OF_A_PROCESS; i++) {
      crowds.add(new Crowd(OF_A_PROCESS, 10 + i, port));
    }
    relay.untilReady();
    untilCounted("sockets", all -> all.waiting() == CLIENTS);
  }

  @AfterEach
  void end() throws IOException {
    for (Crowd crowd : crowds) {
      crowd.close();
    }
    relay.close();
    backends.close();
  }

  private Crowd.Counts counts() {
    return crowds.stream().map(Crowd::counts).reduce(Crowd.Counts::plus).orElseThrow();
  }

  private void untilCounted(String what, Predicate<Crowd.Counts> expected) {
    Await.until(
        PATIENCE,
        () -> what + ", of " + MOST + ": " + counts() + "\n" + relay.logged(),
        () -> expected.test(counts()));
  }

  private void untilConnections(int least, int most) {
    Await.until(
        PATIENCE,
        () ->
            least
                + " to "
                + most
                + " connections, not "
                + relay.metric("ipvs_router_relay_connections")
                + "; "
                + counts()
                + "\n"
                + relay.logged(),
        () -> within(least, most, "ipvs_router_relay_connections"));
  }

  private boolean within(int least, int most, String metric) {
    double value = relay.metric(metric);
    return value >= least && value <= most;
  }

  private long saysThatItIsFull() {
    return relay.logged().lines().filter(line -> line.contains("more wait")).count();
  }

  private int ask(int what) throws IOException {
    try (Socket client = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      client.setSoTimeout((int) PATIENCE.toMillis());
      client.getOutputStream().write(what);
      return client.getInputStream().read();
    }
  }

  @Test
  void whoFindsNoRoomWaitsAndNobodyIsLost() throws IOException {
    crowds.forEach(Crowd::come);
    untilCounted("answers", all -> all.answered() >= MOST);
    untilConnections(MOST, MOST);
    crowds.forEach(Crowd::speak);
    untilCounted("second answers", all -> all.again() >= MOST);

    assertThat(counts().answered()).as("others wait").isEqualTo(MOST);
    assertThat(counts().connected()).as("some in the kernel's queue").isGreaterThan(MOST);
    assertThat(counts().lost()).as("reset or answered wrongly by the relay").isZero();
    if (CLIENTS - MOST <= QUEUE) { // of more the kernel lets some go after 7 s, reqsk_timer_handler
      assertThat(counts().gone()).as("refused or reset while they waited").isZero();
    }
    assertThat(relay.metric("ipvs_router_relay_connections_limit")).isEqualTo(MOST);
    assertThat(relay.metric("ipvs_router_relay_full_total")).isEqualTo(1);
    assertThat(saysThatItIsFull()).as(relay.logged()).isEqualTo(1);

    for (Crowd crowd : crowds) {
      crowd.close();
    }
    for (int i = 0; i < 100; i++) {
      assertThat(ask(i)).isEqualTo(i);
    }
    untilConnections(0, UNTOLD);
    Await.until(
        relay::logged,
        () ->
            within(0, UNTOLD, "ipvs_router_service_active_connections")
                && within(0, UNTOLD, "ipvs_router_service_inactive_connections"));
    assertThat(relay.process().isAlive()).isTrue();
    assertThat(saysThatItIsFull()).as(relay.logged()).isEqualTo(1);
    assertThat(relay.logged())
        .doesNotContain("OutOfMemoryError", "\"level\":\"error\"", "no more connections");
  }
}
