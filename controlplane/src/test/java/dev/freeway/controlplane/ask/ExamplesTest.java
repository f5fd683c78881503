package dev.freeway.controlplane.ask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.demo.DemoEstate;
import dev.freeway.controlplane.query.Limits;
import dev.freeway.controlplane.query.QueryRunner;
import dev.freeway.controlplane.query.Rows;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every example, and questions in other words, on the demo estate against answers that were written
 * by hand over the documents and know nothing of how questions become SQL.
 */
class ExamplesTest {
  /** One line of {@code answers.txt}. */
  private record Answer(String question, String kind, String types, String condition) {
    String sql() {
      String where = "is_current = 1" + ofTypes() + " AND (" + condition + ")";
      if (kind.equals("list")) {
        return "SELECT id FROM resources WHERE " + where;
      }
      if (kind.equals("count")) {
        return "SELECT count(*) FROM resources WHERE " + where;
      }
      if (kind.equals("sql")) {
        return condition;
      }
      String by = kind.substring(3);
      return "SELECT " + by + ", count(*) FROM resources WHERE " + where + " GROUP BY " + by;
    }

    private String ofTypes() {
      if (types.equals("*")) {
        return "";
      }
      return Stream.of(types.split(",", -1))
          .collect(Collectors.joining("', '", " AND service || ':' || type IN ('", "')"));
    }

    boolean isRefused() {
      return kind.equals("not");
    }

    boolean isList() {
      return kind.equals("list") || condition.startsWith("SELECT id");
    }
  }

  /** What is written by hand is slow in places. */
  private static final Limits PATIENT = new Limits(Duration.ofMinutes(5), 1_000_000);

  @TempDir private static Path directory;
  private static Optional<Ask> ask = Optional.empty();
  private static Optional<QueryRunner> runner = Optional.empty();

  @BeforeAll
  static void writeDemo() {
    StoreAddress address = new StoreAddress.Sqlite(directory.resolve("demo.db"));
    DemoEstate.write(address, DemoEstate.Size.USUAL, Instant.now().truncatedTo(ChronoUnit.SECONDS));
    Store store = Store.existing(address);
    ask = Optional.of(Ask.of(Catalog.builtIn(), store, InstantSource.system()));
    runner = Optional.of(new QueryRunner(store));
  }

  /** What is wrong with the answer to a question; nothing when it is as written by hand. */
  private static Optional<String> fault(Answer answer) {
    Understanding understanding = ask.orElseThrow().ask(answer.question(), Optional.empty());
    return switch (understanding) {
      case Understanding.Not not ->
          answer.isRefused() ? Optional.empty() : Optional.of(answer.question() + ": " + not.why());
      case Understanding.Understood yes when answer.isRefused() ->
          Optional.of(answer.question() + ": understood as " + yes.sentence());
      case Understanding.Understood yes -> {
        List<String> got = cells(rows(yes.sql(), yes.values()), answer.isList());
        List<String> expected = cells(rows(answer.sql(), Map.of()), answer.isList());
        yield got.equals(expected)
            ? Optional.empty()
            : Optional.of(
                "%s: %s gave %s, expected %s"
                    .formatted(answer.question(), yes.sentence(), few(got), few(expected)));
      }
    };
  }

  private static Rows rows(String sql, Map<String, String> values) {
    Rows rows = runner.orElseThrow().run(sql, values, PATIENT);
    assertThat(rows.cut()).isEqualTo(Rows.Cut.NONE);
    return rows;
  }

  private static String few(List<String> rows) {
    return rows.size() + " rows " + rows.subList(0, Math.min(3, rows.size()));
  }

  private static List<String> cells(Rows rows, boolean list) {
    int id = rows.columns().indexOf("id");
    return rows.rows().stream()
        .map(
            row ->
                list
                    ? String.valueOf(row.get(id))
                    : row.stream().map(ExamplesTest::cell).collect(Collectors.joining(" | ")))
        .sorted()
        .toList();
  }

  private static String cell(@Nullable Object value) {
    return value instanceof Number number
        ? String.valueOf(Math.round(number.doubleValue() * 100) / 100.0)
        : String.valueOf(value);
  }

  private static Map<String, Answer> answers(String file) {
    Map<String, Answer> answers = new LinkedHashMap<>();
    for (String line : Lines.of(file)) {
      String[] parts = line.split("\t", -1);
      answers.put(parts[0], new Answer(parts[0], parts[1], parts[2], parts[3]));
    }
    return answers;
  }

  @Test
  void everyExampleGivesTheAnswerThatWasWrittenByHand() {
    Map<String, Answer> answers = answers("answers.txt");
    List<String> examples = Example.all().stream().map(Example::question).toList();
    assertThat(answers.keySet()).containsExactlyInAnyOrderElementsOf(examples);
    assertThat(faults(answers)).isEmpty();
  }

  @Test
  void otherWordingsAreUnderstoodRightlyOrNotAtAll() {
    Map<String, Answer> answers = answers("wordings.txt");
    assertThat(answers.keySet()).hasSizeGreaterThan(150);
    assertThat(answers.values())
        .filteredOn(Answer::isRefused)
        .hasSizeBetween(10, answers.size() / 5);
    assertThat(faults(answers)).isEmpty();
  }

  private static List<String> faults(Map<String, Answer> answers) {
    return answers.values().stream().flatMap(answer -> fault(answer).stream()).toList();
  }

  @Test
  void thereAreAtLeastThreeHundredOfThem() {
    assertThat(Example.all()).hasSizeGreaterThanOrEqualTo(300).doesNotHaveDuplicates();
  }
}
