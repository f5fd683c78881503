package dev.freeway.controlplane.query;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
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

  @Override
  boolean sqlite() {
    return true;
  }
}
