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
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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
 * Every example on the demo estate, against an answer that was written by hand over the documents
 * and knows nothing of how questions become SQL.
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

    boolean isList() {
      return kind.equals("list") || condition.startsWith("SELECT id");
    }
  }

  @TempDir private static Path directory;
  private static List<String> wrong = new ArrayList<>();
  private static int understood;
  private static int asked;

  @BeforeAll
  static void askAll() {
    StoreAddress address = new StoreAddress.Sqlite(directory.resolve("demo.db"));
    DemoEstate.write(address, DemoEstate.Size.USUAL, Instant.now().truncatedTo(ChronoUnit.SECONDS));
    Check check = check(address);
    wrong = check.wrong();
    understood = check.understood();
    asked = check.asked();
  }

  record Check(List<String> wrong, int understood, int asked) {}

  static Check check(StoreAddress address) {
    Store store = Store.existing(address);
    Ask ask = Ask.of(Catalog.builtIn(), store, InstantSource.system());
    QueryRunner runner = new QueryRunner(store);
    List<String> wrong = new ArrayList<>();
    int understood = 0;
    Map<String, Answer> answers = answers();
    for (Example example : Example.all()) {
      Answer answer = answers.get(example.question());
      if (answer == null) {
        wrong.add(example.question() + ": no answer is written for it");
        continue;
      }
      switch (ask.ask(example.question(), Optional.empty())) {
        case Understanding.Not not -> wrong.add(example.question() + ": " + not.why());
        case Understanding.Understood yes -> {
          understood++;
          Rows got = runner.run(yes.sql(), yes.values(), Limits.DEFAULT);
          Rows expected = runner.run(answer.sql(), Map.of(), Limits.DEFAULT);
          List<String> one = cells(got, answer.isList());
          List<String> other = cells(expected, answer.isList());
          if (!one.equals(other)) {
            wrong.add(
                example.question()
                    + ": "
                    + yes.sentence()
                    + " gave "
                    + few(one)
                    + ", expected "
                    + few(other));
          }
        }
      }
    }
    return new Check(wrong, understood, answers.size());
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

  private static Map<String, Answer> answers() {
    Map<String, Answer> answers = new LinkedHashMap<>();
    for (String line : Lines.of("answers.txt")) {
      String[] parts = line.split("\t", -1);
      answers.put(parts[0], new Answer(parts[0], parts[1], parts[2], parts[3]));
    }
    return answers;
  }

  @Test
  void everyExampleGivesTheAnswerThatWasWrittenByHand() {
    assertThat(wrong).isEmpty();
    assertThat(understood).isEqualTo(asked);
  }

  @Test
  void thereAreAtLeastThreeHundredOfThem() {
    assertThat(Example.all()).hasSizeGreaterThanOrEqualTo(300).doesNotHaveDuplicates();
  }
}
