package dev.freeway.controlplane.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.store.Databases;
import dev.freeway.controlplane.store.StoreAddress;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresqlQueryTest extends QueryContract {
  @Override
  StoreAddress address() {
    return Databases.postgresql();
  }

  @Override
  boolean sqlite() {
    return false;
  }

  /** A planner may read them of elements of other types' documents, before it asks for the type. */
  @ParameterizedTest
  @ValueSource(strings = {"''", "'plain'", "'%7B'", "'5 GB'", "'-'", "'true or not'", "NULL"})
  void ofATextThatIsNoJsonThereAreNoMembers(String text) throws QueryException {
    String sql =
        ("SELECT json_extract(%1$s, '$.Key') AS a, json_extract(%1$s, '$[0]') AS b,"
                + " json_type(%1$s, '$.Key') AS c, json_array_length(%1$s, '$.Key') AS d,"
                + " (SELECT count(*) FROM json_each(%1$s, '$.Key')) AS e")
            .formatted(text);
    assertThat(runner.run(sql, Map.of(), Limits.DEFAULT).rows())
        .singleElement()
        .satisfies(row -> assertThat(row).containsExactly(null, null, null, null, 0L));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"Key\": \"v\"} | $.Key | v",
        "[3, 4] | $[1] | 4",
        "-1.5e3 | $ | -1500",
        "\"text\" | $ | text",
        "true | $ | 1",
      })
  void ofJsonThereAre(String json, String path, String value) throws QueryException {
    String sql = "SELECT json_extract('%s', '%s')".formatted(json, path);
    assertThat(runner.run(sql, Map.of(), Limits.DEFAULT).rows().getFirst().getFirst())
        .isEqualTo(value);
  }
}
