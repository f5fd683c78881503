package dev.freeway.controlplane.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteQueryTest extends QueryContract {
  @TempDir private static Path directory;

  @Override
  StoreAddress address() {
    return new StoreAddress.Sqlite(directory.resolve("inventory.db"));
  }

  @Test
  void aValueThatWouldFillTheMemoryIsRefused() {
    assertThatThrownBy(
            () ->
                new QueryRunner(Store.existing(address()))
                    .run("SELECT hex(zeroblob(100000000))", Map.of(), Limits.DEFAULT))
        .isInstanceOf(QueryException.class)
        .hasMessageContaining("too big");
  }

  /** A million characters in each of 200 rows. */
  @Test
  void rowsThatWouldFillTheMemoryAreCutOffAndItIsSaid() {
    Rows rows =
        new QueryRunner(Store.existing(address()))
            .run(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
                    + " SELECT hex(zeroblob(524288)) FROM n",
                Map.of(),
                Limits.DEFAULT);
    assertThat(rows.cut()).isEqualTo(Rows.Cut.SIZE);
    assertThat(rows.rows()).hasSize(129);
  }

  @Override
  boolean sqlite() {
    return true;
  }

  /** A lock of its own: what the one before it lets through by mistake ends here. */
  @Test
  void sqlitesCompilerIsAskedWhetherAStatementWrites() throws SQLException {
    try (Connection connection = Store.existing(address()).reading()) {
      QueryRunner.refuseChanges(connection, "SELECT count(*) FROM resource");
      for (String sql :
          List.of(
              "DELETE FROM resource",
              "WITH x AS (SELECT 1) INSERT INTO tag SELECT 1, 'a', 'b'",
              "DROP TABLE resource",
              "PRAGMA journal_mode = DELETE",
              "VACUUM")) {
        assertThatThrownBy(() -> QueryRunner.refuseChanges(connection, sql))
            .as(sql)
            .isInstanceOf(QueryException.class)
            .hasMessageContaining("SQLite says that this writes");
      }
    }
  }
}
