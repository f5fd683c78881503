package dev.freeway.controlplane.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @TempDir private Path directory;

  @Test
  void isInXdgsDirectoryUnlessThatIsRelative() {
    assertThat(Settings.standard(Map.of("HOME", "/home/ann")))
        .isEqualTo(Path.of("/home/ann/.config/freeway/config"));
    assertThat(Settings.standard(Map.of("HOME", "/home/ann", "XDG_CONFIG_HOME", "/etc/xdg")))
        .isEqualTo(Path.of("/etc/xdg/freeway/config"));
    assertThat(Settings.standard(Map.of("HOME", "/home/ann", "XDG_CONFIG_HOME", "xdg")))
        .isEqualTo(Path.of("/home/ann/.config/freeway/config"));
  }

  @Test
  void readsLinesAndSaysWhichAreWrong() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("config"),
            """
            # regions=nowhere

              regions = eu-west-1,us-east-1\s
            db=jdbc:postgresql://db/inventory?user=ann
            nothing
            workers=0
            """);
    Settings settings = Settings.read(file);
    assertThat(settings.values())
        .isEqualTo(
            Map.of(
                Setting.REGIONS,
                "eu-west-1,us-east-1",
                Setting.DB,
                "jdbc:postgresql://db/inventory?user=ann"));
    assertThat(settings.faults())
        .hasSize(2)
        .satisfiesExactly(
            one -> assertThat(one).startsWith(file + ", line 5: nothing: no such key"),
            other -> assertThat(other).isEqualTo(file + ", line 6: workers=0: expected 1 to 1024"));
    assertThat(Settings.read(directory.resolve("none")).values()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          regions          | eu-west-1,nowhere     | regions as eu-west-1,us-east-1
          services         | ec2,nothing           | labels that freeway services lists
          format           | pdf                   | table, wide, json, csv, yaml, html or xlsx
          workers          | 1025                  | 1 to 1024
          workers          | 0                     | 1 to 1024
          workers          | 007                   | 1 to 1024
          exclude_defaults | yes                   | true or false
          db               | jdbc:mysql://db       | a file's path or jdbc:postgresql://HOST/NAME
          required_tags    | Owner,,Team           | keys as Owner,Environment
          required_tags    | ` `                   | a value in one line
          """)
  void refusesAWrongValueAndSaysWhatIsExpected(String key, String value, String expected) {
    Settings settings = Settings.read(directory.resolve("config"));
    assertThatThrownBy(() -> settings.with(key, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(key + "=")
        .hasMessageEndingWith("expected " + expected);
  }

  @Test
  void aValueIsOneLine() {
    Settings settings = Settings.read(directory.resolve("config"));
    assertThatThrownBy(() -> settings.with("required_tags", "Owner\nworkers=1"))
        .hasMessageContaining("a value in one line");
    assertThatThrownBy(() -> settings.with("required_tags", "Owner\rTeam"))
        .hasMessageContaining("a value in one line");
  }

  @Test
  void isWrittenForItsOwnerAloneAndReadAsItWas() throws IOException {
    Path file = directory.resolve("freeway/config");
    Settings.read(file).with("workers", "1024").with("required_tags", "a=b,Team").write();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    Settings read = Settings.read(file);
    assertThat(read.values())
        .isEqualTo(Map.of(Setting.WORKERS, "1024", Setting.REQUIRED_TAGS, "a=b,Team"));
    read.without(Setting.WORKERS).write();
    assertThat(file).hasContent("required_tags=a=b,Team");
  }
}
