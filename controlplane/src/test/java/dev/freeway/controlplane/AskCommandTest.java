package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.demo.DemoEstate;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class AskCommandTest {
  @TempDir private static Path directory;
  private static String db = "";

  @BeforeAll
  static void writeDemo() {
    Path file = directory.resolve("demo.db");
    DemoEstate.write(
        new StoreAddress.Sqlite(file),
        DemoEstate.Size.USUAL,
        Instant.now().truncatedTo(ChronoUnit.SECONDS));
    db = file.toString();
  }

  private static Ran ask(String... words) {
    String[] all = new String[words.length + 3];
    System.arraycopy(words, 0, all, 3, words.length);
    all[0] = "ask";
    all[1] = "--db";
    all[2] = db;
    return Ran.of(all);
  }

  private static JsonNode json(String... words) {
    String[] all = new String[words.length + 2];
    System.arraycopy(words, 0, all, 2, words.length);
    all[0] = "-f";
    all[1] = "json";
    return ask(all).json();
  }

  private static long count(String... words) {
    return json(words).get("rows").get(0).get("number").asLong();
  }

  @Test
  void peopleGetTheSentenceTheSqlAndTheRows() {
    Ran ran = ask("how", "many", "stopped", "instances", "per", "region");
    assertThat(ran.code()).isZero();
    assertThat(ran.err())
        .contains("Number of EC2 instances that are stopped, by region.")
        .contains("SELECT r.region AS region, count(*) AS number")
        .contains("rows");
    assertThat(ran.out()).contains("eu-west-1");
  }

  @Test
  void jsonHasExactlyItsFiveMembers() {
    JsonNode answer = json("how", "many", "buckets", "are", "there");
    assertThat(answer.propertyNames())
        .containsExactly("question", "understood", "interpretation", "sql", "rows");
    assertThat(answer.get("question").asString()).isEqualTo("how many buckets are there");
    assertThat(answer.get("understood").asBoolean()).isTrue();
    assertThat(answer.get("interpretation").asString()).isEqualTo("Number of S3 buckets.");
    assertThat(answer.get("sql").asString()).startsWith("SELECT count(*)");
    assertThat(answer.get("rows").get(0).get("number").isNumber()).isTrue();
  }

  @Test
  void whatMayHaveBeenHiddenIsSaid() {
    assertThat(json("how", "many", "anomaly", "monitors").get("interpretation").asString())
        .isEqualTo(
            "Number of CE anomaly monitors. 1 call was refused or failed: there may be more, see"
                + " freeway errors.");
    assertThat(
            json("-a", "acme-production", "how", "many", "anomaly", "monitors")
                .get("interpretation")
                .asString())
        .isEqualTo("Number of CE anomaly monitors.");
  }

  @Test
  void whatIsNotUnderstoodIsAnErrorInJsonToo() {
    Ran ran = ask("-f", "json", "purple", "instances");
    assertThat(ran.code()).isEqualTo(ExitCode.NOT_UNDERSTOOD).isEqualTo(4);
    JsonNode answer = ran.json();
    assertThat(answer.propertyNames())
        .containsExactly("question", "understood", "interpretation", "sql", "rows");
    assertThat(answer.get("understood").asBoolean()).isFalse();
    assertThat(answer.get("interpretation").asString())
        .startsWith("I did not understand \"purple\"");
    assertThat(answer.get("sql").isNull()).isTrue();
    assertThat(answer.get("rows").isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "instances that smell",
        "delete all buckets",
        "instances and a weather report",
        "buckets in eu-west-1 and queues in us-east-1",
        "what ratio of buckets are public",
        "how much do our databases cost"
      })
  void aWordThatIsNotUsedIsAnErrorAndNeverAListOfEverything(String question) {
    Ran ran = ask(question);
    assertThat(ran.code()).isEqualTo(4);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).startsWith("I did not understand \"");
  }

  @Test
  void nearQuestionsAreShown() {
    Ran ran = ask("stopped", "instances", "per", "moonphase");
    assertThat(ran.code()).isEqualTo(4);
    List<String> lines = ran.err().lines().toList();
    assertThat(lines.getFirst()).isEqualTo("I did not understand \"moonphase\"");
    assertThat(lines.get(1)).isEqualTo("nearest questions:");
    assertThat(lines).hasSizeBetween(3, 5).anyMatch(line -> line.contains("stopped instances"));
  }

  @Test
  void hostileWordsAreData() {
    JsonNode answer =
        json("instances named \"x'; DROP TABLE resource; --\u001b[31m\" or named \"O'Brien\"");
    assertThat(answer.get("understood").asBoolean()).isTrue();
    assertThat(answer.get("rows").isEmpty()).isTrue();
    assertThat(answer.get("interpretation").asString()).doesNotContain("\u001b");
    assertThat(count("count", "resources")).isGreaterThan(10_000);
    Ran ran = ask("\u001b[2J' OR 1=1 --");
    assertThat(ran.code()).isEqualTo(4);
    assertThat(ran.err()).doesNotContain("\u001b");
  }

  @Test
  void whatIsShownAsSqlGivesTheSameRows() {
    JsonNode answer = json("unencrypted volumes larger than 100 GB tagged with Team");
    Ran query = Ran.of("query", "--db", db, "-f", "json", answer.get("sql").asString());
    assertThat(query.code()).isZero();
    assertThat(query.json()).isEqualTo(answer.get("rows")).isNotEmpty();
  }

  @Test
  void anAccountIsAskedAlone() {
    long all = count("how many instances");
    long one = count("-a", "444455556666", "how many instances");
    assertThat(one).isPositive().isLessThan(all);
    assertThat(ask("-a", "nobody", "buckets").code()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void anEarlierScanIsAskedByItsNameAndNumber() {
    long newest = Store.existing(new StoreAddress.Sqlite(Path.of(db))).scans().getFirst().id();
    long now = count("how many instances");
    long first = count("--scan", "first", "how many instances");
    assertThat(count("--scan", "latest", "how many instances")).isEqualTo(now);
    assertThat(count("--scan", "" + newest, "how many instances")).isEqualTo(now);
    assertThat(count("--scan", "previous", "how many instances")).isPositive().isNotEqualTo(now);
    assertThat(first).isPositive().isNotEqualTo(now);
    Ran query =
        Ran.of(
            "query",
            "--db",
            db,
            "--scan",
            "first",
            "-f",
            "json",
            "SELECT count(*) n FROM resources WHERE service = 'ec2' AND type = 'instance'");
    assertThat(query.json().get(0).get("n").asLong()).isEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(strings = {"999999", "yesterday"})
  void aScanThatIsNotThereIsAnError(String scan) {
    Ran ran = ask("--scan", scan, "buckets");
    assertThat(ran.code()).isIn(ExitCode.FAILED, ExitCode.USAGE);
    assertThat(ran.err()).contains("--scan " + scan);
  }

  @Test
  void examplesAreListedAndAsked() {
    assertThat(Ran.of("examples", "-f", "json").json().size()).isGreaterThanOrEqualTo(300);
    assertThat(Ran.of("examples", "kms", "-f", "json").json()).isNotEmpty();
    assertThat(Ran.of("examples", "-s", "MFA", "-f", "csv").out()).contains("mfa");
    assertThat(Ran.of("examples", "--db", db, "kms", "1").code()).isZero();
    assertThat(Ran.of("examples", "nothing").code()).isEqualTo(ExitCode.FAILED);
  }
}
