package dev.freeway.controlplane.store;

import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  @TempDir private Path directory;

  @Test
  void anyScansLeaveWhatAPlainModelSaysOnSqlite() {
    for (int seed = 0; seed < 200; seed++) {
      run(new StoreAddress.Sqlite(directory.resolve(seed + ".db")), seed, 6);
    }
  }

  @Test
  void anyScansLeaveWhatAPlainModelSaysOnPostgresql() {
    for (int seed = 1000; seed < 1008; seed++) {
      run(Databases.postgresql(), seed, 6);
    }
  }

  private static void run(StoreAddress address, long seed, int scans) {
    try {
      new HistoryProperty(address, seed).run(scans);
    } catch (AssertionError | RuntimeException | SQLException e) {
      throw new AssertionError("seed " + seed, e);
    }
  }
}
