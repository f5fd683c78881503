package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A batch that the database refuses leaves nothing, and goes in whole when it takes it again. */
class RollbackTest {
  private static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");
  private static final Scope TOPICS = Samples.scope("sns", "eu-west-1", "topic");

  @TempDir private Path directory;
  private final Clock clock = new Clock();

  private void sql(String text) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("inventory.db"));
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(text);
    }
  }

  private static List<String> ids(Store store) {
    try (Stream<StoredResource> all = store.resources(ResourceFilter.CURRENT)) {
      return all.map(StoredResource::resource).map(Resource::id).toList();
    }
  }

  @Test
  void nothingOfABatchIsThereUntilAllIs() throws SQLException {
    Store store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      writer.seen(Samples.resource(INSTANCES, "i-1", "{}"), List.of());
      writer.flush();
      writer.seen(Samples.resource(TOPICS, "t-1", "{}"), List.of());
      writer.seen(Samples.resource(INSTANCES, "i-2", "{}"), List.of());
      sql(
          "CREATE TRIGGER full BEFORE INSERT ON version WHEN new.id > 2"
              + " BEGIN SELECT RAISE(ABORT, 'no room'); END");
      assertThatThrownBy(writer::flush)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("no room");
      assertThat(ids(store)).containsExactly("i-1");
      assertThat(store.scans().getFirst().resources()).isEqualTo(1);
      sql("DROP TRIGGER full");
      writer.finish(Scan.Status.COMPLETE, clock.instant());
    }
    assertThat(ids(store)).containsExactly("i-1", "i-2", "t-1");
    assertThat(store.scans().getFirst().resources()).isEqualTo(3);
    assertThat(store.check()).isEmpty();
  }
}
