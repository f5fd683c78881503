package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteConnection;

/** What a connection to read is not let to do, whatever statement comes through to it. */
class SqliteReadingTest {
  @TempDir private Path directory;

  @Test
  void attachesNothingAndWritesNothing() throws SQLException {
    Store store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")));
    Path other = directory.resolve("other.db");
    for (String attach : List.of("ATTACH '" + other + "' AS o", "ATTACH ':memory:' AS o")) {
      assertThatThrownBy(() -> run(store, attach))
          .as(attach)
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("too many attached databases");
    }
    assertThat(Files.exists(other)).isFalse();
    for (String write :
        List.of(
            "DELETE FROM scan",
            "CREATE TABLE x (y)",
            "INSERT INTO tag VALUES (1, 'a', 'b')",
            "PRAGMA user_version = 7")) {
      assertThatThrownBy(() -> run(store, write)).as(write).isInstanceOf(SQLException.class);
    }
  }

  /** Two locks, each by itself: the file is opened to read, and statements are to read. */
  @Test
  void isReadOnlyTwice() throws SQLException {
    Store store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")));
    try (Connection connection = store.reading()) {
      assertThat(connection.unwrap(SQLiteConnection.class).isReadOnly()).isTrue();
      try (Statement statement = connection.createStatement();
          var row = statement.executeQuery("PRAGMA query_only")) {
        assertThat(row.getInt(1)).isEqualTo(1);
      }
    }
  }

  private static void run(Store store, String sql) throws SQLException {
    try (Connection connection = store.reading();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
