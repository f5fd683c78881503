package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigCommandTest {
  @TempDir private Path directory;

  private Ran run(String... arguments) {
    return Ran.of(Settings.read(directory.resolve("freeway/config")), arguments);
  }

  @Test
  void setsGetsListsAndDeletes() throws IOException {
    assertThat(run("config", "get", "workers").code()).isEqualTo(ExitCode.FAILED);
    assertThat(run("config", "set", "workers", "12").code()).isZero();
    assertThat(run("config", "set", "regions", "eu-west-1,us-gov-west-1").code()).isZero();
    assertThat(run("config", "get", "workers").out().strip()).isEqualTo("12");
    assertThat(run("config").out()).contains("eu-west-1,us-gov-west-1").contains("required_tags");
    assertThat(run("config", "list", "-f", "json").json().size()).isEqualTo(8);
    assertThat(run("config", "delete", "workers").code()).isZero();
    assertThat(Files.readString(directory.resolve("freeway/config")))
        .isEqualTo("regions=eu-west-1,us-gov-west-1\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "worker|3|no such key; expected one of profile, regions",
        "workers|0|expected 1 to 1024",
        "workers|many|expected 1 to 1024",
        "regions|Ireland|expected regions as eu-west-1,us-east-1",
        "services|ec3|expected labels that freeway services lists",
        "format|pdf|expected table, wide, json, csv, yaml, html or xlsx",
        "exclude_defaults|yes|expected true or false",
        "db|jdbc:mysql://x|expected a file",
        "required_tags|Owner,,Team|expected keys as Owner,Environment",
        "profile|''|expected a value",
      })
  void refusesUnknownKeysAndBadValues(String key, String value, String expected) {
    Ran ran = run("config", "set", key, value);
    assertThat(ran.code()).isEqualTo(ExitCode.USAGE);
    assertThat(ran.err()).contains(expected);
    assertThat(Files.exists(directory.resolve("freeway/config"))).isFalse();
  }

  @Test
  void tellsOfLinesThatAreWrongAndOfNoOther() throws IOException {
    Files.createDirectories(directory.resolve("freeway"));
    Files.writeString(
        directory.resolve("freeway/config"), "# mine\n\nworkers = 5\nnonsense\nworkers=x\n");
    Ran ran = run("config", "list");
    assertThat(ran.code()).isEqualTo(ExitCode.FAILED);
    assertThat(ran.err())
        .contains("line 4: nonsense: no such key")
        .contains("line 5: workers=x: expected 1 to 1024");
    assertThat(ran.out()).contains("5");
  }
}
