package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.kernel.Namespaces;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The machine's own faults: a full disk, a read-only one, no capability; nothing is half done. */
@Tag("kernel")
@Tag("behaviour") // long, and asked of the oldest and the newest kernel alone
class FaultsKernelTest {
  /** A JVM on an emulated processor that others use too. */
  private static final long SECONDS_TO_START = 180;

  @TempDir private Path directory;
  private RouterFixture router;

  @BeforeEach
  void inANamespaceOfItsOwnWithASmallDisk() throws Exception {
    Namespaces.shell("modprobe ip_vs");
    Namespaces.enterNew();
    router = new RouterFixture(directory);
    router.onThisMachine(() -> LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC));
    Files.createDirectory(router.state);
    Namespaces.shell("mount -t tmpfs -o size=2m disk " + router.state);
    router.write("web.yaml", RouterFixture.service("web", "10.0.0.1", "", "10.1.0.11"));
    assertThat(router.on("apply")).as(router.err).isZero();
    router.write("api.yaml", RouterFixture.service("api", "10.0.0.2", "", "10.1.0.12"));
  }

  @AfterEach
  void unmount() throws Exception {
    Namespaces.shell("umount " + router.state);
  }

  private void changesNothingBecauseOf(String operation, String problem) {
    assertThat(router.on("apply")).isEqualTo(1);
    assertThat(router.out).isEmpty();
    assertThat(router.err)
        .startsWith("ipvs-router: --state-dir: " + operation + " " + router.state)
        .endsWith(
            ": "
                + problem
                + "; expected a directory with free space that this user may write, or another one"
                + " by --state-dir\n");
    assertThat(router.services()).hasSize(1);
    assertThat(router.on("doctor")).isEqualTo(2);
    assertThat(router.out).contains("(state-directory)").contains("df -h " + router.state);
  }

  private void goesOnWhenItIsMended() {
    assertThat(router.on("apply")).as(router.err).isZero();
    assertThat(router.services()).hasSize(2);
  }

  @Test
  void aFullDisk() throws Exception {
    Namespaces.shell("cat /dev/zero > " + router.state + "/filler 2> /dev/null || true");
    changesNothingBecauseOf("write", "No space left on device");
    Namespaces.shell("rm " + router.state + "/filler");
    goesOnWhenItIsMended();
  }

  @Test
  void aDiskThatIsReadOnly() throws Exception {
    Namespaces.shell("mount -o remount,ro " + router.state);
    changesNothingBecauseOf("lock", "Read-only file system");
    Namespaces.shell("mount -o remount,rw " + router.state);
    goesOnWhenItIsMended();
  }

  /** A real process, as its capabilities are its own. */
  private String withoutCapability(int exitCode, String verb, String... more)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "setpriv",
                "--bounding-set=-net_admin",
                "--inh-caps=-net_admin",
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.freeway.dataplane.Main",
                verb,
                "--state-dir",
                router.state.toString()));
    command.addAll(List.of(more));
    Path stdout = directory.resolve("stdout");
    Path stderr = directory.resolve("stderr");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(stdout.toFile())
            .redirectError(stderr.toFile())
            .start();
    try {
      assertThat(process.waitFor(SECONDS_TO_START, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    String err = Files.readString(stderr);
    assertThat(process.exitValue()).as(err).isEqualTo(exitCode);
    assertThat(err).doesNotContain("\tat ");
    return Files.readString(stdout) + err;
  }

  @Test
  void noCapability() throws Exception {
    String message =
        "; expected this capability: run as root, or add NET_ADMIN to the container's"
            + " securityContext\n";
    assertThat(withoutCapability(1, "apply", "--manifests", router.manifests.toString()))
        .contains("ipvs-router: CAP_NET_ADMIN: ")
        .contains("EPERM")
        .endsWith(message);
    assertThat(withoutCapability(1, "show")).contains("CAP_NET_ADMIN").endsWith(message);
    assertThat(withoutCapability(2, "doctor"))
        .startsWith("error: this process lacks the capability CAP_NET_ADMIN (no-net-admin)\n")
        .endsWith("1 finding\n");
    assertThat(router.services()).hasSize(1);
  }
}
