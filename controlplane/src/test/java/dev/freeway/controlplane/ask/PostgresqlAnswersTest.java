package dev.freeway.controlplane.ask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.demo.DemoEstate;
import dev.freeway.controlplane.query.Limits;
import dev.freeway.controlplane.query.QueryException;
import dev.freeway.controlplane.query.QueryRunner;
import dev.freeway.controlplane.query.Rows;
import dev.freeway.controlplane.store.Databases;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every question's SQL on PostgreSQL, beside SQLite's rows for the same estate. */
class PostgresqlAnswersTest {
  @TempDir private Path directory;

  @Test
  void bothDatabasesGiveTheSameRows() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    QueryRunner sqlite = demo(new StoreAddress.Sqlite(directory.resolve("demo.db")), now);
    StoreAddress address = Databases.postgresql();
    QueryRunner postgresql = demo(address, now);
    Ask ask = Ask.of(Catalog.builtIn(), Store.existing(address), InstantSource.fixed(now));
    List<String> wrong = new ArrayList<>();
    int asked = 0;
    for (String question : questions()) {
      if (ask.ask(question, Optional.empty()) instanceof Understanding.Understood yes) {
        asked++;
        try {
          List<String> one = rows(sqlite, yes);
          List<String> other = rows(postgresql, yes);
          if (!one.equals(other)) {
            wrong.add(question + ": " + few(one) + " and on PostgreSQL " + few(other));
          }
        } catch (QueryException e) {
          wrong.add(question + ": " + e.getMessage() + "\n" + yes.readable());
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(asked).isGreaterThan(500);
  }

  private static List<String> questions() {
    Stream<String> examples = Example.all().stream().map(Example::question);
    Stream<String> sample = Lines.of("sample.txt").stream().map(line -> line.split("\t", -1)[1]);
    Stream<String> wordings =
        Lines.of("wordings.txt").stream().map(line -> line.split("\t", -1)[0]);
    return Stream.of(examples, sample, wordings).flatMap(each -> each).toList();
  }

  private static QueryRunner demo(StoreAddress address, Instant now) {
    DemoEstate.write(
        address, new DemoEstate.Size(2, 2, 42), now); // as much as every question needs
    return new QueryRunner(Store.existing(address));
  }

  private static String few(List<String> rows) {
    return rows.size() + " rows " + rows.subList(0, Math.min(2, rows.size()));
  }

  /** In any order: the two sort text in their own ways. */
  private static List<String> rows(QueryRunner runner, Understanding.Understood yes) {
    Rows rows = runner.run(yes.sql(), yes.values(), Limits.DEFAULT);
    return rows.rows().stream()
        .map(row -> row.stream().map(PostgresqlAnswersTest::cell).collect(Collectors.joining("|")))
        .sorted()
        .toList();
  }

  /** JSON's true is 1 in both, but a number in SQLite and text in PostgreSQL. */
  private static String cell(@Nullable Object value) {
    if ("1".equals(value) || "0".equals(value)) {
      return value + ".0";
    }
    return value instanceof Number number
        ? String.valueOf(Math.round(number.doubleValue() * 100) / 100.0)
        : String.valueOf(value);
  }
}
