package dev.freeway.controlplane.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What queries promise on both databases. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class QueryContract {
  private static final Pattern EXPECTED =
      Pattern.compile("([a-z0-9-]+)(?:\\(([^)]*)\\))?(?:\\[(\\w+)])?:(.*)");

  private final NamedQueries queries = NamedQueries.load(List.of());
  private Store store = Store.existing(StoreAddress.parse("none"));
  QueryRunner runner = new QueryRunner(store);

  /** An empty database. */
  abstract StoreAddress address();

  @BeforeAll
  void fill() {
    store = Store.open(address());
    Estate.write(store);
    runner = new QueryRunner(store);
  }

  static Stream<String> expected() {
    return Estate.file("expected.txt").lines().filter(line -> !line.startsWith("#"));
  }

  @ParameterizedTest
  @MethodSource("expected")
  void aNamedQueryFindsWhatItIsNamedFor(String line) {
    Matcher parts = EXPECTED.matcher(line);
    assertThat(parts.matches()).isTrue();
    Map<String, String> parameters = new HashMap<>();
    for (String each : String.valueOf(parts.group(2)).split(",", -1)) {
      if (each.contains("=")) {
        parameters.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1));
      }
    }
    Rows rows = runner.run(queries.named(parts.group(1)).orElseThrow(), parameters, Limits.DEFAULT);
    int column = parts.group(3) == null ? 0 : rows.columns().indexOf(parts.group(3));
    assertThat(rows.cut()).isEqualTo(Rows.Cut.NONE);
    List<String> expected =
        Stream.of(parts.group(4).split(",", -1))
            .map(String::strip)
            .filter(s -> !s.isEmpty())
            .toList();
    List<String> found =
        rows.rows().stream()
            .map(row -> String.valueOf(row.get(column)))
            .map(cell -> cell.matches("\\d{4}-\\d\\d-\\d\\dT.*") ? cell.substring(0, 10) : cell)
            .toList();
    assertThat(found).isEqualTo(expected.stream().map(Estate::cell).toList());
  }

  @Test
  void everyNamedQueryHasAnExpectation() {
    Set<String> names = new TreeSet<>();
    expected().forEach(line -> names.add(line.split("[(\\[:]", 2)[0]));
    assertThat(queries.all()).extracting(NamedQuery::name).containsExactlyElementsOf(names);
  }

  @Test
  void everyNamedQueryTakesAnotherAccount() {
    for (NamedQuery query : queries.all()) {
      if (query.parameters().containsKey("account")) {
        Rows rows = runner.run(query, Map.of("account", "999999999999"), Limits.DEFAULT);
        assertThat(rows.rows()).as(query.name()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DROP TABLE resource",
        "DELETE FROM resource",
        "ATTACH DATABASE '/tmp/x' AS x",
        "PRAGMA journal_mode = DELETE",
        "VACUUM INTO '/tmp/x'",
        "WITH x AS (SELECT 1) DELETE FROM resource",
        "WITH x AS (DELETE FROM resource RETURNING id) SELECT * FROM x",
        "WITH x AS (SELECT 1) INSERT INTO tag SELECT 1, 'a', 'b'",
        "SELECT 1; DROP TABLE resource",
        "/* SELECT */ UPDATE resource SET name = ''",
        "-- SELECT\nREPLACE INTO tag VALUES (1, 'a', 'b')",
        "EXPLAIN DELETE FROM resource",
        "EXPLAIN ANALYZE DELETE FROM resource",
        "EXPLAIN ANALYZE WITH x AS (DELETE FROM resource RETURNING id) SELECT * FROM x",
        "CREATE TEMP TABLE x (y INTEGER)",
        "BEGIN",
        "COPY resource TO PROGRAM 'cat'",
        "SET TRANSACTION READ WRITE",
        "DO $$ BEGIN DELETE FROM resource; END $$",
        "; ;",
        "",
        "SELECT 'open",
        "SELECT /* open",
      })
  void whatDoesMoreThanReadIsRefused(String sql) {
    assertThatThrownBy(() -> runner.run(sql, Map.of(), Limits.DEFAULT))
        .isInstanceOf(QueryException.class);
    assertThat(count("SELECT count(*) FROM resource")).isEqualTo(89);
  }

  @Test
  void whatOnlyReadsIsNot() {
    for (String sql :
        List.of(
            "SELECT replace('a', 'a', 'b')",
            "select 'DELETE; DROP' -- DELETE\n;",
            "(SELECT 1) UNION ALL SELECT 2",
            "VALUES (1), (2)",
            "WITH x AS (SELECT 1 AS y) SELECT y AS \"delete\" FROM x",
            "SELECT name FROM resources WHERE name = ':x ?'",
            "EXPLAIN SELECT 1")) {
      if (sql.startsWith("(") && sqlite()) {
        continue; // not SQLite's grammar
      }
      assertThat(runner.run(sql, Map.of(), Limits.DEFAULT).cut()).as(sql).isEqualTo(Rows.Cut.NONE);
    }
  }

  abstract boolean sqlite();

  @Test
  void parametersAreBoundAndNotSpliced() {
    String evil = "x' OR '1'='1";
    assertThat(
            runner
                .run(
                    "SELECT name FROM resources WHERE name = :n", Map.of("n", evil), Limits.DEFAULT)
                .rows())
        .isEmpty();
    assertThat(
            runner
                .run("SELECT :n AS a, ':n' AS b, :n AS c", Map.of("n", evil), Limits.DEFAULT)
                .rows())
        .containsExactly(List.of(evil, ":n", evil));
    assertThatThrownBy(() -> runner.run("SELECT :n", Map.of(), Limits.DEFAULT))
        .hasMessageContaining("no value for :n");
    assertThatThrownBy(() -> runner.run("SELECT 1", Map.of("m", "x"), Limits.DEFAULT))
        .hasMessageContaining("no parameter m; expected none");
    NamedQuery query = queries.named("old-snapshots").orElseThrow();
    assertThatThrownBy(() -> runner.run(query, Map.of("day", "1"), Limits.DEFAULT))
        .hasMessageContaining("old-snapshots has no parameter day; it has [account, days]");
    assertThatThrownBy(() -> runner.run(query, Map.of("days", "soon"), Limits.DEFAULT))
        .hasMessageContaining("old-snapshots: days=soon: expected a number, such as 365");
  }

  @Test
  void aParameterThatNothingWouldBeBoundToIsRefused() {
    for (String sql : List.of("SELECT ?", "SELECT ?1", "SELECT @x", "SELECT :1", "SELECT $1")) {
      assertThatThrownBy(() -> runner.run(sql, Map.of(), Limits.DEFAULT))
          .as(sql)
          .isInstanceOf(QueryException.class)
          .hasMessageContaining("expected :name");
    }
  }

  @Test
  void columnsOfOneNameAreToldApart() {
    Rows rows = runner.run("SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a", Map.of(), Limits.DEFAULT);
    assertThat(rows.columns()).containsExactly("a", "a_2", "a_2_2", "a_3");
    assertThat(rows.rows()).containsExactly(List.of(1L, 2L, 3L, 4L));
  }

  @Test
  void bytesAreHexadecimalAndLargeNumbersWhole() {
    String bytes = sqlite() ? "x'00ff41'" : "decode('00ff41', 'hex')";
    assertThat(
            runner
                .run("SELECT " + bytes + ", 9223372036854775807", Map.of(), Limits.DEFAULT)
                .rows())
        .containsExactly(List.of("00ff41", Long.MAX_VALUE));
  }

  @Test
  void rowsAreCutOffAndItIsSaid() {
    Rows rows =
        runner.run("SELECT id FROM resources", Map.of(), new Limits(Duration.ofSeconds(30), 10));
    assertThat(rows.rows()).hasSize(10);
    assertThat(rows.cut()).isEqualTo(Rows.Cut.ROWS);
    assertThat(
            runner
                .run("SELECT id FROM resources", Map.of(), new Limits(Duration.ofSeconds(30), 89))
                .cut())
        .isEqualTo(Rows.Cut.NONE);
  }

  @Test
  void timeIsCutOffAndItIsSaid() {
    Rows rows =
        runner.run(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000000)"
                + " SELECT count(*) FROM n",
            Map.of(),
            new Limits(Duration.ofMillis(200), 10));
    assertThat(rows.cut()).isEqualTo(Rows.Cut.TIME);
    assertThat(rows.rows()).isEmpty();
  }

  @Test
  void whatTheDatabaseDoesNotUnderstandIsSaidInItsWords() {
    assertThatThrownBy(() -> runner.run("SELECT nothing FROM resources", Map.of(), Limits.DEFAULT))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("nothing");
  }

  @Test
  void awsMapsFilesRunWithBoundParameters() {
    NamedQuery query =
        NamedQuery.parse(
            "mine",
            """
            -- name: mine
            -- description: Mine
            -- params: account, service, tag=Owner
            SELECT name, json_extract(tags, '$.{tag}') AS value
            FROM resources
            WHERE {scan_filter}
            AND json_extract(tags, '$.{tag}') IS NOT NULL
            ORDER BY name
            """);
    assertThat(runner.run(query, Map.of("service", "s3"), Limits.DEFAULT).rows())
        .containsExactly(List.of("b-good", "ann"));
    assertThat(runner.run(query, Map.of("tag", "Env"), Limits.DEFAULT).rows())
        .containsExactly(List.of("i-1", "prod"));
    NamedQuery joined =
        NamedQuery.parse(
            "joined",
            """
            -- params: account
            SELECT a.name FROM resources a JOIN resources b ON a.id = b.id
            WHERE {scan_filter_a} AND {scan_filter_b} AND a.name = 'alb'
            """);
    assertThat(runner.run(joined, Map.of("account", "123456789012"), Limits.DEFAULT).rows())
        .containsExactly(List.of("alb"));
  }

  @Test
  void sqliteFunctionsAnswerTheSameOnBoth() {
    String document = "'{\"a\":{\"b-c\":true,\"d.e\":[1,2.5,\"x\",null,{\"f\":\"g\"}]},\"n\":-3}'";
    Rows rows =
        runner.run(
            "SELECT json_extract(%1$s, '$.a.b-c') || '|' || json_extract(%1$s, '$.a.\"d.e\"[2]')"
                    .formatted(document)
                + " || '|' || json_extract(%1$s, '$.a.\"d.e\"[4].f') || '|' ||".formatted(document)
                + " json_type(%1$s, '$.a') || json_type(%1$s, '$.n') || '|' ||".formatted(document)
                + " json_array_length(%1$s, '$.a.\"d.e\"')".formatted(document)
                + " || coalesce(json_extract(%1$s, '$.a.x.y'), 'none')".formatted(document)
                + " || coalesce(json_extract(%1$s, '$.a.\"d.e\"[3]'), 'null')".formatted(document),
            Map.of(),
            Limits.DEFAULT);
    assertThat(rows.rows()).containsExactly(List.of("1|x|g|objectinteger|5nonenull"));
    assertThat(
            runner
                .run(
                    "SELECT url_decode('%7B%22a%22%3A%22%C3%BC+%22%7D') || url_decode('50%')"
                        + " || datetime('2026-01-02T03:04:05Z', '-1 days')",
                    Map.of(), Limits.DEFAULT)
                .rows())
        .containsExactly(List.of("{\"a\":\"ü+\"}50%2026-01-01 03:04:05"));
    Set<Object> keys = new LinkedHashSet<>();
    runner
        .run(
            "SELECT key, value FROM json_each('{\"k\":[1],\"l\":false}')", Map.of(), Limits.DEFAULT)
        .rows()
        .forEach(keys::add);
    assertThat(keys).hasToString("[[k, [1]], [l, 0]]");
  }

  @Test
  void askedForATimeResourcesAreThoseOfThen() {
    QueryRunner before = runner.at(store.lastWrite(1));
    assertThat(
            before
                .run("SELECT name FROM resources WHERE is_current = 1", Map.of(), Limits.DEFAULT)
                .rows())
        .containsExactly(List.of("i-gone"));
    assertThat(
            before
                .run(
                    queries.named("missing-tag").orElseThrow(),
                    Map.of("service", "ec2"),
                    Limits.DEFAULT)
                .rows())
        .hasSize(1);
    assertThat(
            runner
                .at(store.lastWrite(2))
                .run(
                    queries.named("resources-by-tag").orElseThrow(),
                    Map.of("tag", "Env"),
                    Limits.DEFAULT)
                .rows())
        .hasSize(1);
    assertThatThrownBy(() -> before.run("DELETE FROM resource", Map.of(), Limits.DEFAULT))
        .isInstanceOf(QueryException.class);
  }

  private long count(String sql) {
    return ((Number)
            java.util.Objects.requireNonNull(
                runner.run(sql, Map.of(), Limits.DEFAULT).rows().getFirst().getFirst()))
        .longValue();
  }
}
