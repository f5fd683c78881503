package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.OtherJvm;
import dev.freeway.controlplane.inventory.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

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
  static void writeFirst(Database database) throws SQLException {
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
        .hasMessageContaining("its schema is 1, older than this program's 3");

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

  private static void sees1001(Store store) {
    assertThat(store.check()).isEmpty();
    assertThat(found(store, "kept")).hasSize(1001);
    assertThat(found(store, "zoë 5e10 i-1001")).containsExactly("i-1001");
  }

  /** Killed with its work in the file's log: in the middle of the second's text, and after all. */
  @ParameterizedTest
  @CsvSource({"2, within", "2, after", "3, after"})
  void aMigrationThatIsKilledIsDoneAgainByTheNext(int whole, String where)
      throws IOException, InterruptedException, SQLException {
    StoreAddress.Sqlite address = new StoreAddress.Sqlite(directory.resolve("inventory.db"));
    writeFirst(Database.of(address));
    Process child =
        new ProcessBuilder(
                OtherJvm.command(
                    KilledMigration.class,
                    address.file().toString(),
                    Integer.toString(whole),
                    where))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      Path log = Path.of(address.file() + "-wal");
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      while (!Files.exists(log) || Files.size(log) < 4 << 20) {
        assertThat(child.isAlive()).isTrue();
        assertThat(System.nanoTime()).as("it writes").isLessThan(end);
        Thread.onSpinWait();
      }
    } finally {
      child.destroyForcibly(); // SIGKILL
    }
    assertThat(child.waitFor()).isEqualTo(137);
    assertThatThrownBy(() -> Store.existing(address))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("its schema is 1");

    sees1001(Store.open(address));
    sees1001(Store.existing(address));
  }

  /** The server ends its connection while it waits for the test, after each of its texts. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aMigrationWhoseBackendIsEndedIsDoneAgainByTheNext(int whole)
      throws SQLException, InterruptedException {
    StoreAddress.Postgresql address = Databases.postgresql();
    Database database = Database.of(address);
    writeFirst(database);
    List<String> stuck = new ArrayList<>(database.migrations().subList(0, whole));
    stuck.add("CREATE TABLE filler (x TEXT); SELECT pg_advisory_xact_lock(4711)");
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (Connection test = DriverManager.getConnection(address.url());
        Statement statement = test.createStatement()) {
      statement.execute("SELECT pg_advisory_lock(4711)");
      Thread migration =
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, thrown) -> failure.set(thrown))
              .start(() -> database.migrate(stuck));
      long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
      boolean ended = false;
      while (!ended) {
        assertThat(System.nanoTime()).as("it waits").isLessThan(end);
        try (ResultSet row =
            statement.executeQuery(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                    + " AND objid = 4711 AND NOT granted")) {
          ended = row.next();
        }
      }
      migration.join();
    }
    assertThat(failure.get())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("terminating connection");
    assertThatThrownBy(() -> Store.existing(address))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("its schema is 1");

    sees1001(Store.open(address));
    sees1001(Store.existing(address));
  }

  /** Nobody has to scan before a query because this program is newer. */
  @ParameterizedTest
  @EnumSource
  void theSecondSchemaIsReadAsItIs(Kind kind) throws SQLException {
    StoreAddress address = address(kind);
    Database database = Database.of(address);
    writeFirst(database);
    database.migrate(database.migrations().subList(0, 2));
    sees1001(Store.existing(address));
  }

  private static List<String> found(Store store, String text) {
    try (Stream<StoredResource> stream = store.resources(ResourceFilter.CURRENT.with(text))) {
      return stream.map(stored -> stored.resource().id()).toList();
    }
  }
}
