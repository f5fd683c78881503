package dev.freeway.dataplane.lab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code run}, killed with SIGKILL while it programs, at moments that a seed chooses, with
 * connections open through its table: as often as {@code FREEWAY_KILLS} says.
 */
@Tag("kernel")
@Tag("behaviour") // long, and asked of the oldest and the newest kernel alone
@ExtendWith(SharedSegment.class)
class KillKernelTest {
  private static final int KILLS =
      Integer.parseInt(System.getenv().getOrDefault("FREEWAY_KILLS", "10"));
  private static final int CONNECTIONS = 100; // of each of two clients
  private static final int BULKS = 4;
  private static final int DESTINATIONS = 120;
  private static final long SEED = 20261125;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /**
   * Between two looks at the table while it is about to change: each takes time from the program.
   */
  private static final Duration GLIMPSE = Duration.ofMillis(10);

  /** Between two looks while it is awaited. */
  private static final Duration LOOK = Duration.ofMillis(200);

  /** How long after its first visible change a programming is killed, at most. */
  private static final Duration PROGRAMMING = Duration.ofMillis(120);

  private static final String FOREIGN =
      """
      -A -t 10.9.0.1:7001 -s rr
      -a -t 10.9.0.1:7001 -r 10.1.0.11:7001 -g -w 1
      -A -f 7 -s wrr
      -a -f 7 -r 10.1.0.13:0 -g -w 2
      """;

  private final Random random = new Random(SEED);
  @TempDir private Path directory;

  /** What is desired, as manifests and as the lines that ipvsadm is to print. */
  private record State(String yaml, SortedSet<String> lines) {}

  private static String yaml(List<Manifest> manifests) {
    StringBuilder yaml = new StringBuilder();
    manifests.forEach(manifest -> yaml.append(manifest.yaml()));
    return yaml.toString();
  }

  /** The service with the connections, in another guise, and others that are refilled by half. */
  private State state(int number) {
    TreeSet<String> lines = new TreeSet<>();
    List<Manifest> manifests = new ArrayList<>();
    int weight = 1 + random.nextInt(100);
    String scheduler = List.of("mh,mh-fallback,mh-port", "wlc", "rr").get(number % 3);
    Manifest web = new Manifest("web", Segment.VIP4).with("scheduler", scheduler).weight(weight);
    for (String backend : Segment.BACKENDS) {
      web.endpoint(Segment.address(backend, Family.IPV4));
    }
    addLines(lines, Segment.PORT, scheduler, weight, 11, 3);
    manifests.add(web);
    int first = 20 + number % 2 * (DESTINATIONS / 2);
    Manifest bulk = new Manifest("bulk", Segment.VIP4).with("scheduler", "rr").weight(weight);
    for (int i = 0; i < DESTINATIONS; i++) {
      bulk.endpoint(IpAddress.parse("10.1.0." + (first + i)));
    }
    for (int port = 8001; port <= 8000 + BULKS; port++) {
      bulk.ports(port, port);
      addLines(lines, port, "rr", weight, first, DESTINATIONS);
    }
    manifests.add(bulk);
    manifests.forEach(manifest -> manifest.with("forwarding", "direct"));
    return new State(yaml(manifests), lines);
  }

  private static void addLines(
      SortedSet<String> lines, int port, String scheduler, int weight, int first, int count) {
    String ours = scheduler.replaceFirst(",", " -b ");
    for (String protocol : List.of("-t", "-u")) {
      String service = protocol + " 10.9.0.1:" + port;
      lines.add("-A " + service + " -s " + ours);
      for (int i = 0; i < count; i++) {
        lines.add("-a " + service + " -r 10.1.0." + (first + i) + ":" + port + " -g -w " + weight);
      }
    }
  }

  /** The process on the router. */
  private final class Running {
    private final Process process;

    Running(Machine lb) throws Exception {
      process =
          lb.call(
              () ->
                  new ProcessBuilder(
                          "deploy/ipvs-router",
                          "run",
                          "--state-dir",
                          directory.resolve("state").toString(),
                          "--manifests",
                          manifests().toString())
                      .redirectErrorStream(true)
                      .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                      .start());
    }

    void kill() throws InterruptedException {
      process.destroyForcibly(); // SIGKILL; the launcher has become the program
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    void checkAlive() throws IOException {
      if (!process.isAlive()) { // the log is long by now: it is not read at every look
        fail("run ended; it said: " + Files.readString(log()));
      }
    }
  }

  private Path log() {
    return directory.resolve("run.log");
  }

  private Path manifests() {
    return directory.resolve("manifests");
  }

  private void desire(State state) throws IOException {
    Files.createDirectories(manifests());
    Path written = Files.writeString(directory.resolve("next.yaml"), state.yaml);
    Files.move(written, manifests().resolve("all.yaml"), StandardCopyOption.ATOMIC_MOVE);
  }

  private static SortedSet<String> table(Machine lb) throws Exception {
    TreeSet<String> lines = new TreeSet<>();
    lb.shell("ipvsadm -Sn").lines().map(String::strip).forEach(lines::add);
    return lines;
  }

  /** The table as the kernel prints it, which costs no process; connections are not in it. */
  private static String glimpse(Machine lb) throws Exception {
    byte[] table = lb.call(() -> Files.readAllBytes(Path.of("/proc/thread-self/net/ip_vs")));
    byte[] kept = new byte[table.length];
    int length = 0;
    int start = 0;
    for (int at = 0; at < table.length; at++) {
      if (table[at] == '\n') {
        int end = withoutNumber(table, start, withoutNumber(table, start, at));
        System.arraycopy(table, start, kept, length, end - start);
        length += end - start;
        start = at + 1;
      }
    }
    return new String(kept, 0, length, ISO_8859_1);
  }

  /** Where a line ends without its last number: the connections of a destination are two. */
  private static int withoutNumber(byte[] table, int start, int end) {
    int at = end;
    while (at > start && table[at - 1] == ' ') {
      at--;
    }
    while (at > start && table[at - 1] >= '0' && table[at - 1] <= '9') {
      at--;
    }
    return at;
  }

  private void awaitTable(Machine lb, Running running, SortedSet<String> expected)
      throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    String seen = "";
    SortedSet<String> missing;
    SortedSet<String> extra;
    do {
      String glimpse = glimpse(lb);
      while (glimpse.equals(seen) && System.nanoTime() < deadline) {
        running.checkAlive();
        LockSupport.parkNanos(LOOK.toNanos());
        glimpse = glimpse(lb);
      }
      seen = glimpse;
      extra = table(lb);
      missing = new TreeSet<>(expected);
      missing.removeAll(extra);
      extra.removeAll(expected);
    } while (!(missing.isEmpty() && extra.isEmpty()) && System.nanoTime() < deadline);
    assertThat(missing).as("missing; run said: %s", Files.readString(log())).isEmpty();
    assertThat(extra).as("not desired; run said: %s", Files.readString(log())).isEmpty();
  }

  /** Kills the program some time after it has begun to change the table. */
  private void killWhileProgramming(Machine lb, Running running, String before) throws Exception {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (glimpse(lb).equals(before)) {
      running.checkAlive();
      LockSupport.parkNanos(GLIMPSE.toNanos());
      if (System.nanoTime() > deadline) {
        fail("nothing was programmed; run said: " + Files.readString(log()));
      }
    }
    LockSupport.parkNanos(random.nextLong(PROGRAMMING.toNanos()));
    running.kill();
  }

  @Test
  void loseNoConnectionAndTheNextStartMendsTheTable(Segment segment, TestReporter reporter)
      throws Exception {
    segment.clear();
    Machine lb = segment.machine("lb");
    lb.shell("ip address add 10.9.0.1/32 dev lo; ipvsadm -R << 'END'\n" + FOREIGN + "END");
    SortedSet<String> foreign = table(lb);

    State state = state(0);
    desire(state);
    Running running = new Running(lb);
    awaitTable(lb, running, both(foreign, state.lines));
    InetSocketAddress vip = new InetSocketAddress(Segment.VIP4.toInetAddress(), Segment.PORT);
    List<Flow> flows = Flow.establish(segment.clients(), Protocol.TCP, vip, CONNECTIONS);
    assertThat(flows).hasSize(200);
    assertThat(Flow.backends(flows)).containsExactlyElementsOf(Segment.BACKENDS);

    int halfWay = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      SortedSet<String> before = table(lb);
      state = state(kill);
      SortedSet<String> after = both(foreign, state.lines);
      String glimpse = glimpse(lb);
      boolean atStart = kill % 5 == 0; // otherwise while it follows the files
      if (atStart) {
        running.kill();
      }
      desire(state);
      if (atStart) {
        running = new Running(lb);
      }
      killWhileProgramming(lb, running, glimpse);
      SortedSet<String> left = table(lb);
      if (!left.equals(before) && !left.equals(after)) {
        halfWay++;
      }
      assertThat(left).as("kill %d, seed %d", kill, SEED).containsAll(foreign);
      Flow.assertKept(flows);

      running = new Running(lb);
      awaitTable(lb, running, after);
      Flow.assertKept(flows);
      reporter.publishEntry("kill " + kill, atStart ? "at the start" : "while it followed");
    }
    running.kill();
    Flow.close(flows);
    reporter.publishEntry("kills", KILLS + ", in mid-programming " + halfWay);
    assertThat(halfWay).as("kills that hit the middle").isPositive();
  }

  private static SortedSet<String> both(SortedSet<String> one, SortedSet<String> other) {
    TreeSet<String> all = new TreeSet<>(one);
    all.addAll(other);
    return all;
  }
}
