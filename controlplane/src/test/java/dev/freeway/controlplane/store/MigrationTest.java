package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.inventory.Scope;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Inventories that an earlier program wrote. */
class MigrationTest {
  private static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");

  @TempDir private Path directory;

  enum Kind {
    SQLITE,
    POSTGRESQL
  }

  private StoreAddress address(Kind kind) {
    return switch (kind) {
      case SQLITE -> new StoreAddress.Sqlite(directory.resolve("inventory.db"));
      case POSTGRESQL -> Databases.postgresql();
    };
  }

  /** As schema 1 has it: 1,001 resources, more than are reworded at a time. */
  private static void writeFirst(Database database) throws SQLException {
    database.migrate(database.migrations().subList(0, 1));
    boolean sqlite = database instanceof SqliteDatabase;
    String words = sqlite ? "search (rowid, words)" : "search (resource, words)";
    String them =
        sqlite ? "'i ' || n || ' kept web'" : "to_tsvector('simple', 'i ' || n || ' kept')";
    String digest = sqlite ? "x'00'" : "decode('00', 'hex')";
    String n = "WITH RECURSIVE x (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < 1001) ";
    try (Connection connection = database.writing()) {
      database.begin(connection);
      for (String sql :
          List.of(
              "INSERT INTO scan (id, account, alias, started, begun, touched, ended, status, regions,"
                  + " services, filter, resources) VALUES (1, '123456789012', 'prod', 5, 5, 9, 9,"
                  + " 'COMPLETE', '[]', '[]', '[]', 1001)",
              "INSERT INTO scope VALUES (1, '123456789012', 'ec2', 'eu-west-1', 'instance')",
              "INSERT INTO resource (id, scope, key, arn, name, is_default, parent, first_seen,"
                  + " version, digest) "
                  + n
                  + "SELECT n, 1, 'i-' || n, '', 'web', 0, '', 5, n, "
                  + digest
                  + " FROM x",
              "INSERT INTO version (id, resource, since, scan, tags, document) "
                  + n
                  + "SELECT n, n, 5, 1, '{\"Owner\":\"Zoë-5e10\"}', '{\"State\":{\"Name\":\"kept\"},\"On\":true}'"
                  + " FROM x",
              "INSERT INTO sighting (resource, scan, at) " + n + "SELECT n, 1, 9 FROM x",
              "INSERT INTO " + words + " " + n + "SELECT n, " + them + " FROM x")) {
        Database.execute(connection, sql);
      }
      database.commit(connection);
    }
  }

  @ParameterizedTest
  @EnumSource
  void keepsWhatWasThereAndFindsItByItsWords(Kind kind) throws SQLException {
    StoreAddress address = address(kind);
    writeFirst(Database.of(address));
    assertThatThrownBy(() -> Store.existing(address))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("its schema is 1, older than this program's 2");

    Store store = Store.open(address);

    assertThat(store.check()).isEmpty();
    assertThat(found(store, "")).hasSize(1001);
    assertThat(found(store, "kept")).hasSize(1001);
    assertThat(found(store, "zoë 5e10 i-1001")).containsExactly("i-1001");
    assertThat(found(store, "KEP web 77"))
        .containsExactly(
            "i-77", "i-770", "i-771", "i-772", "i-773", "i-774", "i-775", "i-776", "i-777", "i-778",
            "i-779");
    try (Connection connection = store.reading();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT scan_id, last_seen, json_extract(details, '$.State.Name'),"
                    + " json_extract(details, '$.On') FROM resources WHERE id = 'i-3'")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getLong(1)).isEqualTo(1);
      assertThat(row.getString(2)).isEqualTo("1970-01-01T00:00:00Z");
      assertThat(row.getString(3)).isEqualTo("kept");
      assertThat(row.getString(4)).isEqualTo("1");
    }
  }

  @ParameterizedTest
  @EnumSource
  void isScannedIntoAgain(Kind kind) throws SQLException {
    StoreAddress address = address(kind);
    writeFirst(Database.of(address));
    Store store = Store.open(address);
    try (ScanWriter writer = Samples.scan(store, Instant.now())) {
      writer.seen(
          Samples.resource(INSTANCES, "i-7", "{\"State\":\"stopped\"}", Map.of("Owner", "me")),
          List.of());
      writer.flush();
    }
    assertThat(found(store, "stopped")).containsExactly("i-7");
    assertThat(found(store, "kept")).hasSize(1000).doesNotContain("i-7");
    assertThat(store.check()).isEmpty();
  }

  private static List<String> found(Store store, String text) {
    try (Stream<StoredResource> stream = store.resources(ResourceFilter.CURRENT.with(text))) {
      return stream.map(stored -> stored.resource().id()).toList();
    }
  }
}
