package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.link.FakeMachine;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --announce l2} with manifests, on a machine whose link is in the service's subnet. */
final class AnnounceTest {
  @TempDir private Path directory;
  private final FakeMachine machine = new FakeMachine();
  private RouterFixture router;

  @BeforeEach
  void aServiceOnTheSegment() {
    router = new RouterFixture(directory);
    router.write("web.yaml", RouterFixture.service("web", "10.1.0.100", "", "10.1.0.11"));
    router.hosts = machine::host;
  }

  @Test
  void aPlanListsWhatAnApplyDoesAndShowTellsWhoAnswers() {
    assertThat(router.on("plan", "--announce", "l2")).isEqualTo(2);
    assertThat(router.out)
        .contains("net.ipv4.conf.eth0.arp_ignore", "announcement", "this router answers for it");
    assertThat(machine.answers()).isEmpty();
    assertThat(router.on("apply", "--announce", "l2")).isZero();
    assertThat(machine.answers()).containsExactly("10.1.0.100");
    assertThat(router.on("plan", "--announce", "l2")).isZero();
    assertThat(router.on("show")).isZero();
    assertThat(router.out).contains("ours, answers on eth0");
    assertThat(router.on("show", "-o", "json")).isZero();
    assertThat(router.document().get("announced").toString())
        .isEqualTo(
            "[{\"address\":\"10.1.0.100\",\"link\":\"eth0\",\"here\":true,\"router\":\"\"}]");
  }

  @Test
  void withoutTheOptionNothingOfItIsDone() {
    assertThat(router.on("apply")).isZero();
    assertThat(machine.answers()).isEmpty();
    assertThat(machine.sysctls).containsEntry("net/ipv4/conf/eth0/arp_ignore", "0");
    assertThat(router.on("show")).isZero();
    assertThat(router.out).doesNotContain("answers", "silent");
  }

  @Test
  void doctorSaysWhatKeepsTheKernelFromAnswering() {
    machine.sysctls.put("net/ipv4/conf/all/arp_ignore", "8");
    assertThat(router.on("doctor", "--announce", "l2")).isEqualTo(2);
    assertThat(router.out)
        .contains("net.ipv4.conf.all.arp_ignore is 8", "sysctl -w net.ipv4.conf.all.arp_ignore=1");
    assertThat(router.on("doctor")).isZero();
  }

  @Test
  void doctorWithoutTheOptionDoesNotAdviseToUndoIt() {
    assertThat(router.on("apply", "--announce", "l2")).isZero();
    assertThat(router.on("doctor")).as(router.out).isZero();
    machine.sysctls.put("net/ipv4/conf/eth0/arp_ignore", "0");
    assertThat(router.on("doctor")).isEqualTo(2);
    assertThat(router.out).contains("sysctl -w net.ipv4.conf.eth0.arp_ignore=1");
  }

  @Test
  void prepareSetsWhatARouterInAContainerMayNot() {
    assertThat(
            router.run(
                "prepare",
                "--announce=l2",
                "--addresses=10.1.0.96/27",
                "--state-dir",
                directory.resolve("state").toString()))
        .isZero();
    assertThat(machine.sysctls)
        .containsEntry("net/ipv4/conf/eth0/arp_ignore", "1")
        .containsEntry("net/ipv4/conf/eth0/arp_announce", "2");
    assertThat(machine.answers()).isEmpty();
  }
}
