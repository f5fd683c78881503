package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.kernel.Namespaces;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code run} as a process of its own on the real kernel, in a network namespace. */
@Tag("kernel")
@Tag("behaviour") // long, and asked of the oldest and the newest kernel alone
@Timeout(900)
final class RunKernelTest {
  /**
   * A JVM starts in one to five seconds here, and in minutes where an emulated processor has others
   * beside it.
   */
  private static final Duration STARTED = Duration.ofMinutes(6);

  /** The default of --audit-interval. */
  private static final Duration AUDIT_INTERVAL = Duration.ofSeconds(1);

  @TempDir private Path directory;
  private Ipvs ipvs;
  private Path manifests;

  @BeforeEach
  void inAnEmptyNamespace() throws Exception {
    Namespaces.enterNew();
    ipvs = Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC));
    manifests = Files.createDirectory(directory.resolve("manifests"));
  }

  @AfterEach
  void close() {
    ipvs.close();
  }

  private void write(int... endpoints) throws IOException {
    Path hidden =
        Files.writeString(
            manifests.resolve(".web"), RouterTest.service("web", "10.0.0.1", endpoints));
    Files.move(hidden, manifests.resolve("web.yaml"), StandardCopyOption.ATOMIC_MOVE);
  }

  private Process run() throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.freeway.dataplane.Main",
            "run",
            "--manifests",
            manifests.toString(),
            "--state-dir",
            directory.resolve("state").toString(),
            "--listen",
            "127.0.0.1:0")
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile())
        .start();
  }

  /**
   * The life of a JVM that does nothing: what "at once" is here. Outside that is a twentieth of a
   * second, and a second is what counts; where the processor is emulated it is a second itself.
   */
  private static Duration emptyJvm() throws IOException, InterruptedException {
    Duration least = Duration.ofMinutes(1);
    for (int i = 0; i < 2; i++) { // the first one reads it from disk
      long start = System.nanoTime();
      Process process =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      Duration life = Duration.ofNanos(System.nanoTime() - start);
      least = life.compareTo(least) < 0 ? life : least;
    }
    return least;
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  private String log() {
    try {
      return Files.readString(directory.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private int destinations() {
    return ipvs.dump().stream().mapToInt(service -> service.destinations().size()).sum();
  }

  private void until(int count) {
    Await.until(
        STARTED, () -> destinations() + " destinations; " + log(), () -> destinations() == count);
  }

  @Test
  void followsFilesRepairsTamperingAndLeavesTheTableServing(TestReporter reporter)
      throws Exception {
    Duration emptyJvm = emptyJvm();
    Duration atOnce = max(Duration.ofSeconds(1), emptyJvm.multipliedBy(3));
    write(11, 12);
    Process router = run();
    try {
      until(2);
      write(11, 12, 13);
      until(3);
      Namespaces.shell("ipvsadm -d -t 10.0.0.1:80 -r 10.1.0.12:80");
      long tampered = System.nanoTime();
      until(3);
      Duration mended = Duration.ofNanos(System.nanoTime() - tampered);
      assertThat(mended).isLessThan(AUDIT_INTERVAL.plus(atOnce));
      Await.until(this::log, () -> log().contains("repaired what another program changed"));

      long asked = System.nanoTime();
      router.destroy(); // SIGTERM
      assertThat(router.waitFor(60, TimeUnit.SECONDS)).as(this::log).isTrue();
      Duration ended = Duration.ofNanos(System.nanoTime() - asked);
      reporter.publishEntry(
          "an empty JVM "
              + emptyJvm.toMillis()
              + " ms, mended after "
              + mended.toMillis()
              + " ms, ended after "
              + ended.toMillis()
              + " ms");
      assertThat(ended).isLessThan(atOnce);
      assertThat(router.exitValue()).isZero();
      assertThat(destinations()).isEqualTo(3);
    } finally {
      router.destroyForcibly();
    }
  }
}
