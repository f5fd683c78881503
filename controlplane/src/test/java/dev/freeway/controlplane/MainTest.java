package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MainTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path directory;

  private int run(String... args) {
    CommandLine commandLine =
        Main.commandLine(List.of(args)).setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    return commandLine.execute(args);
  }

  @Test
  void answersHelp() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString()).contains("Usage: freeway", "scan", "query", "services");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scan", "query", "scans", "errors", "services", "serve"})
  void everyCommandAnswersHelpAndRefusesWhatItDoesNotKnow(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).contains("Usage: freeway " + command);
    assertThat(run(command, "--nonsense")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("freeway " + command + ": ", "--nonsense");
  }

  @Test
  void everyCommandIsRehearsed() throws IOException {
    String rehearsal =
        Files.readString(Path.of("src/main/java/dev/freeway/controlplane/Rehearsal.java"));
    assertThat(Main.commandLine().getSubcommands().keySet())
        .allSatisfy(command -> assertThat(rehearsal).contains("run(\"" + command + "\""));
    Rehearsal.main(new String[] {directory.toString()});
    try (var written = Files.list(directory)) {
      assertThat(written.map(file -> file.getFileName().toString()))
          .contains("estate.db", "report.html", "report.xlsx");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0:0, expected an address of loopback",
    "example.org:80, expected ADDRESS:PORT",
    "127.0.0.1:99999, expected ADDRESS:PORT"
  })
  void servesOnLoopbackAlone(String listen, String expected) {
    Path db = directory.resolve("small.db");
    Samples.scan(Store.open(new StoreAddress.Sqlite(db)), Instant.now()).close();
    assertThat(run("serve", "--db", db.toString(), "--listen", listen)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(expected);
  }

  @Test
  void aLineWithoutACommandSaysWhichThereAre() {
    assertThat(run()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("expected a command", "scan");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          -s sqz             | -s sqz: no such service; did you mean sqs?
          -t Owner           | -t Owner: expected KEY=VALUE
          -w 0               | -w 0: expected 1 to 1024
          --endpoint-url x   | endpoint x: no URL; expected one such as http://
          -p nobody-at-all   | profile nobody-at-all: not in the AWS configuration
          """)
  void aScanThatCannotBeIsRefusedBeforeAnythingIsAsked(String options, String expected) {
    String[] args = ("scan --db " + directory.resolve("new.db") + " " + options).split(" ", -1);
    assertThat(run(args)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          inventory     | freeway: 'inventory' is no command; expected one of scan, query,
          services ec2  | freeway services: 'ec2' is one word too many
          demo --seed x | 'x' is not a whole number
          """)
  void aLineThatCannotBeReadSaysWhatWouldBeRight(String line, String expected) {
    assertThat(run(line.split(" ", -1))).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(expected);
  }

  @Test
  void aTableThatIsNotThereIsAnsweredWithThoseThatAre() {
    Path db = directory.resolve("small.db");
    Samples.scan(Store.open(new StoreAddress.Sqlite(db)), Instant.now()).close();
    assertThat(run("query", "--db", db.toString(), "SELECT * FROM instances"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("no such table: instances", "resources and scans");
  }

  @Test
  void aNumberOfAnExampleIsAServicesOwn() {
    assertThat(run("examples", "3")).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("3: numbers are a service's own", "general, acm");
  }

  /** Half of a document must not pass for a whole one. */
  @ParameterizedTest
  @CsvSource({"services --types -f json", "--help"})
  void aFullDiskBehindStandardOutputIsAFailure(String line) throws Exception {
    Path said = directory.resolve("said");
    Process process =
        new ProcessBuilder(OtherJvm.command(Main.class, line.split(" ", -1)))
            .redirectOutput(new File("/dev/full"))
            .redirectError(said.toFile())
            .start();
    assertThat(process.waitFor()).isEqualTo(ExitCode.FAILED);
    assertThat(said)
        .content()
        .contains("freeway: standard output could not be written whole: No space left on device");
  }

  @Test
  void whoReadsMayHaveEnough() throws Exception {
    Path said = directory.resolve("said");
    Process process =
        new ProcessBuilder(OtherJvm.command(Main.class, "services", "--types", "-f", "json"))
            .redirectError(said.toFile())
            .start();
    process.getInputStream().close();
    assertThat(process.waitFor()).isZero();
    assertThat(said).isEmptyFile();
  }

  @Test
  void servicesAreListedAsOneDocument() {
    assertThat(run("services", "--types", "-f", "json")).isZero();
    JsonNode rows = new JsonMapper().readTree(out.toString());
    assertThat(rows.size()).isGreaterThanOrEqualTo(509);
    assertThat(rows.path(0).propertyNames())
        .containsExactly("service", "type", "scope", "list", "further calls");
  }

  @Test
  void whatIsNotThereYetIsSaid() {
    String missing = directory.resolve("missing.db").toString();
    assertThat(run("scans", "--db", missing)).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains(missing).contains("scan first");
    assertThat(run("query", "--db", missing, "SELECT 1")).isEqualTo(ExitCode.FAILED);
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aQueryIsOneOfFive() {
    assertThat(run("query")).isEqualTo(ExitCode.USAGE);
    assertThat(run("query", "SELECT 1", "-n", "old-access-keys")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("expected one of: a SELECT, -n NAME");
  }

  @Test
  void namedQueriesAreListedAndShown() {
    assertThat(run("query", "-l", "-f", "csv")).isZero();
    assertThat(out.toString().lines())
        .hasSizeGreaterThan(50)
        .first()
        .isEqualTo("name,description,parameters");
    assertThat(run("query", "-S", "old-acces-keys")).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("did you mean old-access-keys?");
  }
}
