package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code deploy/inventory/job.yaml}: one account for each index. */
class JobManifestTest {
  private static final Path FILE = Path.of("../deploy/inventory/job.yaml");

  private static JsonNode job() throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> all =
        new YAMLMapper().readerFor(JsonNode.class).readValues(FILE.toFile())) {
      all.forEachRemaining(documents::add);
    }
    assertThat(documents)
        .extracting(document -> document.path("kind").asString())
        .containsExactly("ServiceAccount", "Job");
    return documents.getLast();
  }

  private static JsonNode container(JsonNode job) {
    return job.path("spec").path("template").path("spec").path("containers").path(0);
  }

  private static List<String> arguments(JsonNode job, String index) {
    List<String> arguments = new ArrayList<>();
    container(job)
        .path("args")
        .forEach(one -> arguments.add(one.asString().replace("$(JOB_COMPLETION_INDEX)", index)));
    return arguments;
  }

  @Test
  void anIndexThatFailsStopsNoOther() throws IOException {
    JsonNode spec = job().path("spec");
    assertThat(spec.path("completionMode").asString()).isEqualTo("Indexed");
    assertThat(spec.path("completions").asInt()).isEqualTo(200);
    assertThat(spec.path("maxFailedIndexes").asInt()).isEqualTo(spec.path("completions").asInt());
    assertThat(spec.path("backoffLimitPerIndex").isInt()).isTrue();
    assertThat(spec.path("template").path("spec").path("restartPolicy").asString())
        .isEqualTo("Never"); // a podFailurePolicy takes no other
    Set<Integer> given = new TreeSet<>();
    for (JsonNode rule : spec.path("podFailurePolicy").path("rules")) {
      if (rule.path("action").asString().equals("FailIndex")) {
        assertThat(rule.path("onExitCodes").path("containerName").asString())
            .isEqualTo(container(job()).path("name").asString());
        rule.path("onExitCodes").path("values").forEach(code -> given.add(code.asInt()));
      }
    }
    assertThat(given).containsExactly(ExitCode.PARTIAL, ExitCode.USAGE);
  }

  @Test
  void whatItMountsAndReadsIsThere() throws IOException {
    JsonNode job = job();
    Set<String> volumes = new HashSet<>();
    job.path("spec")
        .path("template")
        .path("spec")
        .path("volumes")
        .forEach(volume -> volumes.add(volume.path("name").asString()));
    container(job)
        .path("volumeMounts")
        .forEach(mount -> assertThat(volumes).contains(mount.path("name").asString()));
    List<String> names = new ArrayList<>();
    container(job).path("env").forEach(one -> names.add(one.path("name").asString()));
    assertThat(names).contains("JOB_COMPLETION_INDEX", "FREEWAY_DB");
    assertThat(Files.readString(FILE)).doesNotContain("kind: CronJob");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void itsCommandLineIsOneThatScanTakes(String index) throws IOException {
    JsonNode job = job();
    assertThat(container(job).path("command").path(1).asString()).isEqualTo("scan");
    Path accounts = Files.createTempFile("accounts", ".txt");
    Files.writeString(accounts, "111111111111\n222222222222\n");
    List<String> arguments = arguments(job, index);
    arguments.replaceAll(
        one -> one.startsWith("--accounts-file=") ? "--accounts-file=" + accounts : one);
    arguments.addFirst("scan");
    CommandLine.ParseResult parsed =
        Main.commandLine().parseArgs(arguments.toArray(String[]::new)).subcommand();
    assertThat(parsed.unmatched()).isEmpty();
    assertThat(parsed.<Integer>matchedOptionValue("--index", -1))
        .isEqualTo(Integer.parseInt(index));
    Files.delete(accounts);
  }
}
