package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code run --take-over} between processes: at no time does nobody serve. */
@Timeout(120)
class RelayTakeOverTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  @TempDir Path directory;
  private final List<AutoCloseable> open = new ArrayList<>();
  private int port;
  private int backendPort;
  private int pages;
  private RelayProgram old;

  @BeforeEach
  void begin() throws IOException {
    port = RelayFixture.freePort();
    pages = RelayFixture.freePort();
    ServerSocket first = backend(2);
    backendPort = first.getLocalPort();
    backend(3);
    desire(2);
    old = run("old", pages, "--manifests", manifest().toString());
    old.untilReady();
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  /** Says its number to whoever comes. */
  private ServerSocket backend(int last) throws IOException {
    ServerSocket listening =
        new ServerSocket(backendPort, 50, InetAddress.ofLiteral("127.0.0." + last));
    open.add(listening);
    Thread _ =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!listening.isClosed()) {
                    try (Socket client = listening.accept()) {
                      client.getOutputStream().write(last);
                    } catch (IOException _) {
                      return;
                    }
                  }
                });
    return listening;
  }

  private Path manifest() {
    return directory.resolve("web.yaml");
  }

  private void desire(int backend) throws IOException {
    desire(RelayManifest.web(port, backendPort, backend).yaml());
  }

  private void desire(String yaml) throws IOException {
    Path next = Files.writeString(directory.resolve("next"), yaml);
    Files.move(next, manifest(), StandardCopyOption.ATOMIC_MOVE);
  }

  private RelayProgram run(String name, int itsPages, String... options) throws IOException {
    RelayProgram one =
        new RelayProgram(
            directory.resolve(name + ".log"),
            "64m",
            "4096",
            Stream.concat(
                    Stream.of(
                        "--state-dir",
                        directory.resolve("state").toString(),
                        "--listen",
                        "127.0.0.1:" + itsPages),
                    Stream.of(options))
                .toArray(String[]::new));
    open.add(one);
    return one;
  }

  /** One that takes over and then waits for an API server, which says nothing. */
  private RelayProgram stuck() throws IOException {
    ServerSocket silent = new ServerSocket(0, 50, LOOPBACK);
    open.add(silent);
    Path config =
        Files.writeString(
            directory.resolve("kubeconfig"),
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: silent, cluster: {server: "http://127.0.0.1:%d"}}]
            users: [{name: nobody, user: {token: none}}]
            contexts: [{name: here, context: {cluster: silent, user: nobody}}]
            current-context: here
            """
                .formatted(silent.getLocalPort()));
    return run("stuck", 0, "--take-over", "--kubeconfig", config.toString());
  }

  private int ask() throws IOException {
    try (Socket client = new Socket(LOOPBACK, port)) {
      client.setSoTimeout(20_000);
      return client.getInputStream().read();
    }
  }

  private void isServed(int backend) throws IOException {
    for (int i = 0; i < 20; i++) {
      assertThat(ask()).isEqualTo(backend);
    }
  }

  private void untilServed(int backend) {
    Await.until(
        old::logged,
        () -> {
          try {
            return ask() == backend;
          } catch (ConnectException e) {
            throw new AssertionError("refused", e);
          } catch (SocketException _) {
            return false; // reset with the backend before, which is removed meanwhile
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
  }

  private static void untilLogged(RelayProgram program, String text) {
    Await.until(() -> text + " in\n" + program.logged(), () -> program.logged().contains(text));
  }

  @Test
  void theOldOneGoesOnWhenTheNextIsKilledBeforeItServes() throws Exception {
    RelayProgram stuck = stuck();
    untilLogged(stuck, "serving / ");
    isServed(2);
    stuck.process().destroyForcibly().onExit().join(); // SIGKILL
    isServed(2);
    untilLogged(old, "the process that was to take over is gone: this one goes on");
    desire(3);
    untilServed(3);
    old.untilReady();

    RelayProgram next = run("next", pages, "--take-over", "--manifests", manifest().toString());
    next.untilReady();
    assertThat(old.process().waitFor(30, TimeUnit.SECONDS)).as(old.logged()).isTrue();
    assertThat(old.process().exitValue()).as(old.logged()).isZero();
    isServed(3);
  }

  @Test
  void theOldOneGoesOnWhenTheNextCannotListenThere() throws Exception {
    try (ServerSocket third = new ServerSocket(0, 1, LOOPBACK)) {
      RelayProgram next =
          run("next", third.getLocalPort(), "--take-over", "--manifests", manifest().toString());
      assertThat(next.process().waitFor(30, TimeUnit.SECONDS)).as(next.logged()).isTrue();
      assertThat(next.process().exitValue()).as(next.logged()).isEqualTo(1);
    }
    isServed(2);
    desire(3);
    untilServed(3);
  }

  @Test
  void toldToEndWhileItCarriesOnTheOldOneEndsAsAlways() throws Exception {
    try (Socket stays = new Socket(LOOPBACK, port)) {
      stays.setSoTimeout(20_000);
      assertThat(stays.getInputStream().read()).isEqualTo(2);
      run("next", pages, "--take-over", "--manifests", manifest().toString()).untilReady();
      isServed(2);
      assertThat(old.process().isAlive()).as(old.logged()).isTrue();
      old.process().destroy(); // SIGTERM
      assertThat(old.process().waitFor(10, TimeUnit.SECONDS)).as(old.logged()).isTrue();
      assertThat(old.process().exitValue()).as(old.logged()).isZero();
    }
  }

  /** It stands for what it was, and of that the next one would know nothing. */
  @Test
  void nobodyTakesOverWhileAServiceThatIsServedCannotBeRead() throws Exception {
    int second = RelayFixture.freePort();
    RelayManifest other = new RelayManifest("api", second, "" + backendPort, "", "", "");
    String web = RelayManifest.web(port, backendPort, 2).yaml();
    desire(web + other.to(RelayManifest.ready(3)).yaml());
    Await.until(old::logged, () -> answer(second) == 3);
    desire(web + other.annotated("freeway.dev/max-rate: many").yaml());
    untilLogged(old, "freeway.dev/max-rate");
    RelayProgram next = run("next", pages, "--take-over", "--manifests", manifest().toString());
    assertThat(next.process().waitFor(30, TimeUnit.SECONDS)).as(next.logged()).isTrue();
    assertThat(next.process().exitValue()).as(next.logged()).isEqualTo(1);
    assertThat(next.logged()).contains("freeway.dev/max-rate", "a whole number");
    isServed(2);
    assertThat(answer(second)).isEqualTo(3);
    desire(web + other.to(RelayManifest.ready(2)).yaml());
    Await.until(old::logged, () -> answer(second) == 2);
    run("third", pages, "--take-over", "--manifests", manifest().toString()).untilReady();
    assertThat(old.process().waitFor(30, TimeUnit.SECONDS)).as(old.logged()).isTrue();
    assertThat(answer(second)).isEqualTo(2);
  }

  /** Who answers at a port; -1 for nobody. */
  private static int answer(int itsPort) {
    try (Socket client = new Socket(LOOPBACK, itsPort)) {
      client.setSoTimeout(20_000);
      return client.getInputStream().read();
    } catch (IOException _) {
      return -1;
    }
  }

  /** As with a disk that is full: what is not recorded is not made. */
  @Test
  void theOldOneServesUntilTheNextHasWhatItTookOver() throws Exception {
    Path record = directory.resolve("state/ownership-0");
    assertThat(record) // what is on record is there for the next one
        .content()
        .contains(Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip());
    Files.delete(record); // so that there is something to record
    Path obstacle = Files.createDirectory(directory.resolve("state/.ownership-0.new"));
    RelayProgram next = run("next", pages, "--take-over", "--manifests", manifest().toString());
    untilLogged(next, "ownership-0");
    for (int second = 0; second < 3; second++) { // it looks again each second
      double audits = next.metric("ipvs_router_audit_seconds_count");
      Await.until(next::logged, () -> next.metric("ipvs_router_audit_seconds_count") > audits);
      isServed(2);
    }
    assertThat(old.process().isAlive()).as(old.logged()).isTrue();
    Files.delete(obstacle);
    next.untilReady();
    assertThat(old.process().waitFor(30, TimeUnit.SECONDS)).as(old.logged()).isTrue();
    isServed(2);
  }

  @Test
  void theOldOneServesWhatItHasWhileItCannotFollow() throws Exception {
    RelayProgram stuck = stuck();
    untilLogged(stuck, "serving / ");
    try (ServerSocket _ = new ServerSocket(pages, 1, LOOPBACK)) { // it let go of that
      stuck.process().destroyForcibly().onExit().join();
      untilLogged(old, "serving what was desired last, for it cannot be followed; trying again");
      desire(3);
      isServed(2);
    }
    untilServed(3);
    assertThat(old.logged().split("cannot be followed", -1)).as("said once").hasSize(2);
  }
}
