package dev.freeway.dataplane;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.sync.BootClock;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The command line against a model of the kernel: exit codes and documents are an interface. */
class MainTest {
  private static final String WEB =
      RouterFixture.service("web", "10.0.0.1", "", "10.1.0.11", "10.1.0.12");

  @TempDir Path directory;
  private RouterFixture router;

  @BeforeEach
  void writeManifests() {
    router = new RouterFixture(directory);
    router.write("web.yaml", WEB);
  }

  /** A machine on which one sysctl is to be set, and which can be put back once. */
  private static final class OneSysctl implements Host {
    @Override
    public boolean whileKept(Runnable batch) {
      return false;
    }

    private static final HostChange CHANGE =
        new HostChange(
            HostChange.Action.SET,
            HostChange.Kind.SYSCTL,
            "",
            "net.ipv4.vs.sloppy_tcp",
            "0",
            "1",
            "because",
            "sysctl -w net.ipv4.vs.sloppy_tcp=1");
    private boolean set;
    private boolean refuses;
    private Optional<ProgramError> sourceNat = Optional.empty();

    @Override
    public Report pending(HostNeeds needs) {
      return set
          ? new Report(List.of(), List.of(), List.of(), sourceNat, Optional.empty())
          : new Report(List.of(CHANGE), List.of(), List.of("a note"), sourceNat, Optional.empty());
    }

    @Override
    public Report prepare(HostNeeds needs) {
      if (refuses) {
        return Report.NOTHING;
      }
      Report report = pending(needs);
      set = true;
      return report;
    }

    @Override
    public Report settle(HostNeeds needs) {
      return refuses
          ? new Report(
              List.of(),
              List.of(new ProgramError(CHANGE.what(), 0, "read-only", "a /proc/sys to write")),
              List.of())
          : prepare(needs);
    }

    @Override
    public Report restore() {
      Report report = set ? new Report(List.of(CHANGE), List.of(), List.of()) : Report.NOTHING;
      set = false;
      return report;
    }
  }

  @Test
  void aServiceWhoseSourceNatCannotBeSetUpIsRefusedByNameAndTheOthersAreProgrammed() {
    OneSysctl machine = new OneSysctl();
    machine.set = true;
    machine.sourceNat =
        Optional.of(new ProgramError("add source-nat table", 0, "no library", "apt-get install"));
    router.hosts = (state, where, sysctls) -> machine;
    router.write(
        "api.yaml",
        RouterFixture.service("api", "10.0.0.2", "", "10.1.0.11", "10.1.0.12")
            .replace("forwarding: direct", "forwarding: nat"));
    String refusal =
        "program Service shop/api: its source NAT cannot be set up: add source-nat table: no"
            + " library; expected apt-get install";
    assertThat(router.on("plan")).isEqualTo(3);
    assertThat(router.err).contains(refusal);
    assertThat(router.out)
        .contains("tcp 10.0.0.1:80")
        .doesNotContain("10.0.0.2")
        .contains("3 changes");
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err).contains(refusal);
    assertThat(router.out).contains("programmed 3 changes");
    assertThat(router.on("apply")).as("nothing was changed").isEqualTo(1);
    machine.sourceNat = Optional.empty();
    assertThat(router.on("apply")).isZero();
  }

  @Test
  void anApplyRecordsADrainByTheTimeSinceTheBoot() {
    assertThat(router.on("apply")).isZero();
    long before = BootClock.SYSTEM.millis();
    router.write("web.yaml", RouterFixture.terminating(WEB, "10.1.0.12"));
    assertThat(router.on("apply")).isZero();
    assertThat(RouterFixture.drainsSince(router.state.resolve("drains-1")))
        .isBetween(before, BootClock.SYSTEM.millis());
  }

  @Test
  void planListsAndApplyCountsWhatChangesOnTheMachineAndRestorePutsItBack() {
    OneSysctl machine = new OneSysctl();
    router.hosts = (state, where, sysctls) -> machine;
    assertThat(router.on("plan", "-o", "json")).isEqualTo(2);
    JsonNode change = router.document().get("changes").get(3);
    assertThat(fields(change))
        .containsExactly("action", "kind", "service", "destination", "before", "after", "reason");
    assertThat(change.get("kind").asString()).isEqualTo("sysctl");
    assertThat(change.get("destination").asString()).isEqualTo("net.ipv4.vs.sloppy_tcp");
    assertThat(router.err).contains("a note");
    assertThat(router.on("apply")).isZero();
    assertThat(router.out).contains("programmed 4 changes");
    assertThat(router.on("apply")).isZero();
    assertThat(router.out).contains("programmed 0 changes");
    String state = router.state.toString();
    assertThat(router.run("restore", "-o", "json", "--state-dir", state)).isZero();
    assertThat(fields(router.document())).containsExactly("version", "changes", "errors");
    assertThat(router.document().get("changes")).hasSize(1);
    assertThat(router.run("restore", "--state-dir", state)).isZero();
    assertThat(router.out).contains("nothing to restore");
  }

  @Test
  void aMachineThatRefusesIsPartialAndSysctlsIsAsked() {
    OneSysctl machine = new OneSysctl();
    machine.refuses = true;
    List<Boolean> asked = new ArrayList<>();
    router.hosts =
        (state, where, sysctls) -> {
          asked.add(sysctls);
          return machine;
        };
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err).contains("net.ipv4.vs.sloppy_tcp", "read-only", "a /proc/sys to write");
    assertThat(router.on("apply", "--sysctls")).isEqualTo(3);
    assertThat(asked).containsExactly(false, true);
  }

  private static List<String> fields(JsonNode node) {
    return List.copyOf(node.propertyNames());
  }

  /** As a {@code run} leaves it, whose check found one of two dead. */
  private void oneIsOut(String annotations) throws IOException {
    String web =
        WEB.replace(
            "freeway.dev/forwarding: direct", "freeway.dev/forwarding: direct" + annotations);
    router.write("web.yaml", web.replace("{addresses: [10.1.0.12]}", ""));
    assertThat(router.on("apply")).isZero();
    router.write("web.yaml", web);
    String content = "boot boot\nnetns net:[1]\ntcp 10.0.0.1 80 10.1.0.12 80 0\n";
    StateDirectory.open(router.state).save("out-1", content.getBytes(UTF_8));
  }

  @Test
  void planAndApplyLeaveOutWhatTheLastRunHadOutAndSaySo() throws IOException {
    oneIsOut(", freeway.dev/health-check: tcp");
    String left = "left out: 10.1.0.12:80 of tcp 10.0.0.1:80: out by its health check since ";
    String why = ", by the record in " + router.state + "; run decides";
    assertThat(router.on("plan")).isZero();
    assertThat(router.out).contains(left, why + "\nnothing to change");
    assertThat(router.on("plan", "-o", "json")).isZero();
    JsonNode out = router.document().get("out");
    assertThat(out).hasSize(1);
    assertThat(fields(out.get(0))).containsExactly("service", "destination", "since", "reason");
    assertThat(out.get(0).get("service").asString()).isEqualTo("tcp 10.0.0.1:80");
    assertThat(out.get(0).get("destination").asString()).isEqualTo("10.1.0.12:80");
    Instant since = Instant.parse(out.get(0).get("since").asString());
    Instant booted = Instant.EPOCH.minusMillis(BootClock.SYSTEM.millis()); // this clock stands
    assertThat(since).isBetween(booted.minusSeconds(1), booted.plusSeconds(60));
    assertThat(out.get(0).get("reason").asString())
        .isEqualTo("out by its health check since " + since + why);
    assertThat(router.on("apply")).isZero();
    assertThat(router.out).contains("programmed 0 changes", left, why);
    assertThat(router.on("apply", "-o", "json")).isZero();
    assertThat(router.document().get("out")).hasSize(1);
    assertThat(router.onlyDestination()).isEqualTo("10.1.0.11");
  }

  @Test
  void whatTheLastRunHadOutIsBroughtBackWhereNoCheckIsAskedFor() throws IOException {
    oneIsOut("");
    assertThat(router.on("plan")).isEqualTo(2);
    assertThat(router.out).contains("10.1.0.12:80").doesNotContain("left out");
  }

  @Test
  void whatManifestsSayCannotWriteToATerminal() {
    router.write("web.yaml", WEB.replace("\"10.0.0.1\"", "\"10.0.0\\e[31m\\nipvs-router: done\""));
    assertThat(router.on("plan")).isEqualTo(1);
    assertThat(router.err)
        .contains("\"10.0.0\\u001b[31m\\nipvs-router: done\"; expected an address")
        .doesNotContain("\u001b")
        .hasLineCount(1);
    assertThat(router.on("plan", "-o", "json")).isEqualTo(1);
    assertThat(router.document().get("errors").get(0).get("value").asString())
        .isEqualTo("10.0.0\u001b[31m\nipvs-router: done");
  }

  @Test
  void planListsTheChangesAndMakesNone() {
    assertThat(router.on("plan", "-o", "json")).isEqualTo(2);
    assertThat(fields(router.document())).containsExactly("version", "changes", "out", "errors");
    assertThat(router.document().get("changes")).hasSize(3);
    assertThat(fields(router.document().get("changes").get(0)))
        .containsExactly("action", "kind", "service", "destination", "before", "after", "reason");
    assertThat(router.on("show")).isZero();
    assertThat(router.out).contains("no service");
  }

  @Test
  void applyProgramsOnceAndThenHasNothingToDo() {
    assertThat(router.on("apply")).isZero();
    assertThat(router.out).containsPattern("programmed 3 changes in \\d+\\.\\d{3} s");
    assertThat(router.on("plan")).isZero();
    assertThat(router.out).contains("nothing to change");
    assertThat(router.on("apply", "-o", "json")).isZero();
    assertThat(fields(router.document()))
        .containsExactly(
            "version", "changes", "kernelSeconds", "totalSeconds", "draining", "out", "errors");
    assertThat(router.document().get("changes").asInt()).isZero();
  }

  @Test
  void showMarksWhatIsOurs() {
    router.on("apply");
    assertThat(router.on("show", "-o", "json")).isZero();
    JsonNode service = router.document().get("services").get(0);
    assertThat(fields(service))
        .containsExactly(
            "protocol", "address", "port", "owner", "scheduler", "flags", "destinations");
    assertThat(service.get("owner").asString()).isEqualTo("ours");
    assertThat(service.get("destinations")).hasSize(2);
    assertThat(
            router.run("show", "-o", "json", "--state-dir", directory.resolve("other").toString()))
        .isZero();
    assertThat(router.document().get("services").get(0).get("owner").asString())
        .isEqualTo("foreign");
  }

  @Test
  void aForeignServiceIsRefusedUnlessAdopted() throws IOException {
    router.on("apply");
    try (Stream<Path> record = Files.list(router.state)) {
      for (Path file : record.toList()) {
        Files.delete(file);
      }
    }
    assertThat(router.on("apply")).isEqualTo(1);
    assertThat(router.err).contains("--adopt");
    assertThat(router.on("apply", "--adopt")).isZero();
  }

  @Test
  void aBadServiceIsListedAndTheOthersGoOnAndNothingIsDeleted() {
    router.on("apply");
    router.write(
        "web.yaml",
        WEB.replace("10.0.0.1", "10.0.0.2").replace("name: web", "name: api")
            + "---\n"
            + WEB.replace("forwarding: direct", "forwardin: direct"));
    assertThat(router.on("apply", "-o", "json")).isEqualTo(3);
    JsonNode error = router.document().get("errors").get(0);
    assertThat(fields(error)).containsExactly("file", "document", "field", "value", "expected");
    assertThat(error.get("field").asString()).contains("freeway.dev/forwardin");
    assertThat(router.services()).hasSize(2);
  }

  @Test
  void whatIsNoLongerNamedIsDeleted() {
    router.on("apply");
    router.write("web.yaml", WEB.replace("10.0.0.1", "10.0.0.2"));
    assertThat(router.on("apply")).isZero();
    assertThat(router.services()).hasSize(1);
    assertThat(router.services().get(0).get("address").asString()).isEqualTo("10.0.0.2");
  }

  @Test
  void unusableInputChangesNothing() {
    router.on("apply");
    router.write("web.yaml", "kind: [");
    assertThat(router.on("apply", "-o", "json")).isEqualTo(1);
    assertThat(router.document().get("errors")).isNotEmpty();
    router.write("web.yaml", "");
    assertThat(router.on("apply")).isEqualTo(1);
    assertThat(router.services()).hasSize(1);
  }

  @Test
  void aWrongCommandLineIsUsageWithOneDocument() {
    assertThat(router.run("apply", "-o", "json")).isEqualTo(64);
    assertThat(router.document().get("errors").get(0).get("field").asString())
        .isEqualTo("--manifests");
    assertThat(router.run("plan", "--drain-limit", "soon", "--manifests", "x")).isEqualTo(64);
    assertThat(router.err).contains("--drain-limit").contains("30s").doesNotContain("Exception");
    assertThat(router.run("fly")).isEqualTo(64);
    assertThat(router.run("--help")).isZero();
    assertThat(router.out).contains("plan", "apply", "show");
  }
}
