package dev.freeway.controlplane.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first lock by itself: what it lets through, the database may still refuse. */
class SqlTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          DROP TABLE resource                                   | DROP is refused
          ATTACH 'x' AS x                                       | ATTACH is refused
          DETACH x                                              | DETACH is refused
          PRAGMA query_only = OFF                               | PRAGMA is refused
          VACUUM INTO 'x'                                       | VACUUM is refused
          EXPLAIN DELETE FROM resource                          | DELETE is refused
          EXPLAIN QUERY PLAN UPDATE resource SET id = 1         | UPDATE is refused
          EXPLAIN ANALYZE DELETE FROM a WHERE b = (SELECT 1)    | DELETE is refused
          EXPLAIN                                               | this is refused
          ((DELETE FROM resource))                              | DELETE is refused
          WITH x AS (DELETE FROM a RETURNING b) SELECT * FROM x | DELETE is refused
          WITH x AS (SELECT 1) DELETE FROM resource             | DELETE is refused
          WITH x AS (SELECT 1)/**/MERGE INTO a USING b          | MERGE is refused
          WITH x AS (SELECT 1) REPLACE INTO tag SELECT 1        | REPLACE is refused
          WITH x AS (SELECT 1) insert INTO tag SELECT 1         | INSERT is refused
          SELECT 1; SELECT 2                                    | several statements
          SELECT 1;;DELETE FROM resource                        | several statements
          ;                                                     | an empty query
          -- SELECT 1                                           | an empty query
          SELECT /* /* */ 1 */                                  | a comment in a comment
          SELECT /* 1                                           | a comment has no end
          SELECT 'a                                             | that begins with ' has no end
          SELECT $x$ 1                                          | that begins with $x$ has no end
          SELECT ?                                              | a parameter as ?; expected :name
          SELECT ?1                                             | a parameter as ?; expected :name
          SELECT @a                                             | a parameter as @a; expected :name
          SELECT :1                                             | a parameter as :1; expected :name
          """)
  void refuses(String sql, String why) {
    assertThatThrownBy(() -> Sql.parse(sql))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining(why);
  }

  @Test
  void letsThroughWhatReads() {
    for (String sql :
        List.of(
            "SELECT 1;",
            "((SELECT 1)) UNION SELECT 2",
            "VALUES (1)",
            "EXPLAIN QUERY PLAN SELECT 1",
            "SELECT (replace('a', 'b', 'c'))",
            "SELECT 'DELETE; DROP', \"a;b\", [c;d], `e;f` -- ; DELETE",
            "WITH x AS (SELECT 1) SELECT \"delete\" FROM x")) {
      assertThat(Sql.parse(sql).text()).isEqualTo(sql);
    }
  }

  @Test
  void findsParametersOutsideOfTextsAlone() {
    Sql sql = Sql.parse("SELECT :a, ':b', \":c\", x::text, :a -- :d");
    assertThat(sql.parameters()).containsExactly("a", "a");
    assertThat(sql.text()).isEqualTo("SELECT ?, ':b', \":c\", x::text, ? -- :d");
  }
}
