package dev.freeway.controlplane.query;

import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteQueryTest extends QueryContract {
  @TempDir private static Path directory;

  @Override
  StoreAddress address() {
    return new StoreAddress.Sqlite(directory.resolve("inventory.db"));
  }

  @Override
  boolean sqlite() {
    return true;
  }
}
