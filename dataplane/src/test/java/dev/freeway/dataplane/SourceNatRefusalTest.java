package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.link.FakeMachine;
import dev.freeway.dataplane.sync.Host;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A service whose source NAT cannot be set up, on a machine that shows what was done to it. */
final class SourceNatRefusalTest {
  private static final String CONNTRACK = "net/ipv4/vs/conntrack";

  @TempDir private Path directory;
  private final FakeMachine machine = new FakeMachine();
  private RouterFixture router;
  private Map<String, String> before = Map.of();

  @BeforeEach
  void aServiceThatTranslates() {
    router = new RouterFixture(directory);
    router.write("api.yaml", translating("api", "10.0.0.2"));
    before = Map.copyOf(machine.sysctls);
    router.hosts = machine::host;
  }

  private static String translating(String name, String address) {
    return RouterFixture.service(name, address, "", "10.1.0.11")
        .replace("forwarding: direct", "forwarding: nat")
        .replace("ports: [{port: 80}]", "ports: [{name: a, port: 80}, {name: b, port: 81}]");
  }

  private void othersHaveServices() {
    RouterFixture others = new RouterFixture(directory.resolve("others"));
    others.socket = router.kernel::open;
    others.hosts = (state, where, sysctls) -> Host.NONE;
    others.write("web.yaml", RouterFixture.service("web", "10.0.0.9", "", "10.1.0.99"));
    assertThat(others.on("apply")).isZero();
  }

  @Test
  void withoutTheLibraryNothingIsDoneToTheMachine() {
    machine.library = false;
    assertThat(router.on("plan")).isEqualTo(3);
    assertThat(router.out).contains("nothing to change");
    assertThat(router.on("apply")).as("nothing changed").isEqualTo(1);
    assertThat(router.err)
        .containsOnlyOnce("program Service shop/api: ")
        .containsOnlyOnce("libnftables.so.1 is not installed");
    assertThat(machine.log).isEmpty();
    assertThat(machine.sysctls).isEqualTo(before);
    assertThat(router.services()).isEmpty();
  }

  @Test
  void whereConnectionsMayNotBeTrackedNoTableIsWritten() {
    othersHaveServices();
    assertThat(router.on("plan")).isEqualTo(3);
    assertThat(router.out).contains("nothing to change").doesNotContain("table inet freeway");
    assertThat(router.on("apply")).as("nothing changed").isEqualTo(1);
    assertThat(machine.log).isEmpty();
    assertThat(router.services()).hasSize(1);
    assertThat(router.on("apply", "--sysctls")).isZero();
    assertThat(machine.table).isNotEmpty();
  }

  @Test
  void whatOnlyTheAttemptShowsIsTakenBack() {
    machine.takesNft = false;
    router.write("web.yaml", RouterFixture.service("web", "10.0.0.1", "", "10.1.0.12"));
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err).contains("modprobe nft_masq");
    assertThat(router.services()).hasSize(1);
    assertThat(machine.sysctls).containsEntry(CONNTRACK, "0");
    assertThat(machine.table).isEmpty();
    machine.log.clear();
    assertThat(router.run("restore", "--state-dir", router.state.toString())).isZero();
    assertThat(machine.sysctls).isEqualTo(before);
    assertThat(machine.log).doesNotContain("clear source nat");
  }

  private Optional<JsonNode> finding(String name) {
    router.on("doctor", "-o", "json");
    return router
        .document()
        .get("findings")
        .valueStream()
        .filter(finding -> finding.get("name").asString().equals(name))
        .findFirst();
  }

  private void runs(JsonNode finding) {
    String[] words = finding.get("command").asString().split("[ =]", -1);
    assertThat(words).hasSize(4).startsWith("sysctl", "-w");
    machine.sysctls.put(words[2].replace('.', '/'), words[3]);
  }

  @Test
  void theDoctorNamesTheServicesAndACommandThatMendsIt() {
    assertThat(finding("source-nat")).isEmpty();
    othersHaveServices();
    JsonNode sourceNat = finding("source-nat").orElseThrow();
    assertThat(sourceNat.get("severity").asString()).isEqualTo("error");
    assertThat(sourceNat.get("problem").asString()).contains("net.ipv4.vs.conntrack: left at 0");
    assertThat(sourceNat.get("why").asString()).endsWith("refused: shop/api");
    runs(sourceNat);
    assertThat(finding("source-nat")).isEmpty();
    runs(finding("host-refused").orElseThrow());
    assertThat(finding("host-refused")).isEmpty();
    assertThat(router.on("apply")).isZero();
  }
}
