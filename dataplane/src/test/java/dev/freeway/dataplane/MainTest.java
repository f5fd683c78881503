package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.ProgramError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The command line against a model of the kernel: exit codes and documents are an interface. */
class MainTest {
  private static final String WEB =
      """
      apiVersion: v1
      kind: Service
      metadata:
        name: web
        annotations: {freeway.dev/addresses: "10.0.0.1", freeway.dev/forwarding: direct}
      spec:
        type: LoadBalancer
        loadBalancerClass: freeway.dev/ipvs
        ports: [{port: 80}]
      ---
      apiVersion: discovery.k8s.io/v1
      kind: EndpointSlice
      metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
      addressType: IPv4
      ports: [{port: 80}]
      endpoints: [{addresses: [10.1.0.11]}, {addresses: [10.1.0.12]}]
      """;

  @TempDir Path directory;
  private final KernelModel kernel = new KernelModel(1);
  private Main.Hosts hosts = (state, where, sysctls) -> Host.NONE;
  private Path manifests;
  private String out = "";
  private String err = "";

  @BeforeEach
  void writeManifests() throws IOException {
    manifests = Files.writeString(directory.resolve("web.yaml"), WEB);
  }

  private int run(String... args) {
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    Console console =
        new Console(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(stdout, true, StandardCharsets.UTF_8),
            new PrintStream(stderr, true, StandardCharsets.UTF_8),
            InstantSource.fixed(Instant.EPOCH));
    int exitCode =
        new Main(
                console,
                kernel::open,
                () -> new Namespace("net:[1]", "boot"),
                hosts,
                name -> false,
                Path.of("/"))
            .execute(args);
    out = stdout.toString(StandardCharsets.UTF_8);
    err = stderr.toString(StandardCharsets.UTF_8);
    return exitCode;
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

    @Override
    public Report pending(HostNeeds needs) {
      return set ? Report.NOTHING : new Report(List.of(CHANGE), List.of(), List.of("a note"));
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
  void planListsAndApplyCountsWhatChangesOnTheMachineAndRestorePutsItBack() {
    OneSysctl machine = new OneSysctl();
    hosts = (state, where, sysctls) -> machine;
    assertThat(on("plan", "-o", "json")).isEqualTo(2);
    JsonNode change = document().get("changes").get(3);
    assertThat(fields(change))
        .containsExactly("action", "kind", "service", "destination", "before", "after", "reason");
    assertThat(change.get("kind").asString()).isEqualTo("sysctl");
    assertThat(change.get("destination").asString()).isEqualTo("net.ipv4.vs.sloppy_tcp");
    assertThat(err).contains("a note");
    assertThat(on("apply")).isZero();
    assertThat(out).contains("programmed 4 changes");
    assertThat(on("apply")).isZero();
    assertThat(out).contains("programmed 0 changes");
    String state = directory.resolve("state").toString();
    assertThat(run("restore", "-o", "json", "--state-dir", state)).isZero();
    assertThat(fields(document())).containsExactly("version", "changes", "errors");
    assertThat(document().get("changes")).hasSize(1);
    assertThat(run("restore", "--state-dir", state)).isZero();
    assertThat(out).contains("nothing to restore");
  }

  @Test
  void aMachineThatRefusesIsPartialAndSysctlsIsAsked() {
    OneSysctl machine = new OneSysctl();
    machine.refuses = true;
    List<Boolean> asked = new ArrayList<>();
    hosts =
        (state, where, sysctls) -> {
          asked.add(sysctls);
          return machine;
        };
    assertThat(on("apply")).isEqualTo(3);
    assertThat(err).contains("net.ipv4.vs.sloppy_tcp", "read-only", "a /proc/sys to write");
    assertThat(on("apply", "--sysctls")).isEqualTo(3);
    assertThat(asked).containsExactly(false, true);
  }

  private int on(String verb, String... more) {
    List<String> args =
        new ArrayList<>(List.of(verb, "--state-dir", directory.resolve("state").toString()));
    if (!verb.equals("show")) {
      args.addAll(List.of("--manifests", manifests.toString()));
    }
    args.addAll(List.of(more));
    return run(args.toArray(String[]::new));
  }

  private JsonNode document() {
    return new ObjectMapper().readTree(out);
  }

  private static List<String> fields(JsonNode node) {
    return List.copyOf(node.propertyNames());
  }

  @Test
  void planListsTheChangesAndMakesNone() {
    assertThat(on("plan", "-o", "json")).isEqualTo(2);
    assertThat(fields(document())).containsExactly("version", "changes", "errors");
    assertThat(document().get("changes")).hasSize(3);
    assertThat(fields(document().get("changes").get(0)))
        .containsExactly("action", "kind", "service", "destination", "before", "after", "reason");
    assertThat(on("show")).isZero();
    assertThat(out).contains("no service");
  }

  @Test
  void applyProgramsOnceAndThenHasNothingToDo() {
    assertThat(on("apply")).isZero();
    assertThat(out).containsPattern("programmed 3 changes in \\d+\\.\\d{3} s");
    assertThat(on("plan")).isZero();
    assertThat(out).contains("nothing to change");
    assertThat(on("apply", "-o", "json")).isZero();
    assertThat(fields(document()))
        .containsExactly(
            "version", "changes", "kernelSeconds", "totalSeconds", "draining", "errors");
    assertThat(document().get("changes").asInt()).isZero();
  }

  @Test
  void showMarksWhatIsOurs() {
    on("apply");
    assertThat(on("show", "-o", "json")).isZero();
    JsonNode service = document().get("services").get(0);
    assertThat(fields(service))
        .containsExactly(
            "protocol", "address", "port", "owner", "scheduler", "flags", "destinations");
    assertThat(service.get("owner").asString()).isEqualTo("ours");
    assertThat(service.get("destinations")).hasSize(2);
    assertThat(run("show", "-o", "json", "--state-dir", directory.resolve("other").toString()))
        .isZero();
    assertThat(document().get("services").get(0).get("owner").asString()).isEqualTo("foreign");
  }

  @Test
  void aForeignServiceIsRefusedUnlessAdopted() throws IOException {
    on("apply");
    try (Stream<Path> record = Files.list(directory.resolve("state"))) {
      for (Path file : record.toList()) {
        Files.delete(file);
      }
    }
    assertThat(on("apply")).isEqualTo(1);
    assertThat(err).contains("--adopt");
    assertThat(on("apply", "--adopt")).isZero();
  }

  @Test
  void aBadServiceIsListedAndTheOthersGoOnAndNothingIsDeleted() throws IOException {
    on("apply");
    Files.writeString(
        manifests,
        WEB.replace("10.0.0.1", "10.0.0.2").replace("name: web", "name: api")
            + "---\n"
            + WEB.replace("forwarding: direct", "forwardin: direct"));
    assertThat(on("apply", "-o", "json")).isEqualTo(3);
    JsonNode error = document().get("errors").get(0);
    assertThat(fields(error)).containsExactly("file", "document", "field", "value", "expected");
    assertThat(error.get("field").asString()).contains("freeway.dev/forwardin");
    on("show", "-o", "json");
    assertThat(document().get("services")).hasSize(2);
  }

  @Test
  void whatIsNoLongerNamedIsDeleted() throws IOException {
    on("apply");
    Files.writeString(manifests, WEB.replace("10.0.0.1", "10.0.0.2"));
    assertThat(on("apply")).isZero();
    on("show", "-o", "json");
    assertThat(document().get("services")).hasSize(1);
    assertThat(document().get("services").get(0).get("address").asString()).isEqualTo("10.0.0.2");
  }

  @Test
  void unusableInputChangesNothing() throws IOException {
    on("apply");
    Files.writeString(manifests, "kind: [");
    assertThat(on("apply", "-o", "json")).isEqualTo(1);
    assertThat(document().get("errors")).isNotEmpty();
    Files.writeString(manifests, "");
    assertThat(on("apply")).isEqualTo(1);
    on("show", "-o", "json");
    assertThat(document().get("services")).hasSize(1);
  }

  @Test
  void aWrongCommandLineIsUsageWithOneDocument() {
    assertThat(run("apply", "-o", "json")).isEqualTo(64);
    assertThat(document().get("errors").get(0).get("field").asString()).isEqualTo("--manifests");
    assertThat(run("plan", "--drain-limit", "soon", "--manifests", "x")).isEqualTo(64);
    assertThat(err).contains("--drain-limit").contains("30s").doesNotContain("Exception");
    assertThat(run("fly")).isEqualTo(64);
    assertThat(run("--help")).isZero();
    assertThat(out).contains("plan", "apply", "show");
  }
}
