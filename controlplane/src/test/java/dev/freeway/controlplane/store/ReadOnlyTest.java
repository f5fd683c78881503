package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An inventory where nothing can be written. For root every directory can, so there what SQLite
 * would make beside it leads nowhere.
 */
class ReadOnlyTest {
  @TempDir private Path directory;
  private Path disk = Path.of("");
  private StoreAddress.Sqlite address = new StoreAddress.Sqlite(Path.of("none"));

  @BeforeEach
  void begin() throws IOException {
    disk = Files.createDirectory(directory.resolve("a disk, 100% ?full#"));
    address = new StoreAddress.Sqlite(disk.resolve("inventory.db"));
  }

  @AfterEach
  void end() throws IOException {
    Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rwx------"));
  }

  private void lock() throws IOException {
    assertThat(Path.of(address.file() + "-wal")).doesNotExist();
    for (String beside : List.of("-wal", "-shm")) {
      Files.createSymbolicLink(Path.of(address.file() + beside), Path.of("/none/at/all"));
    }
    Files.setPosixFilePermissions(address.file(), PosixFilePermissions.fromString("r--------"));
    Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("r-x------"));
  }

  @Test
  void isRead() throws IOException {
    Store store = Store.open(address);
    try (ScanWriter writer = Samples.scan(store, java.time.Instant.now())) {
      writer.seen(
          Samples.resource(Samples.scope("s3", "eu-west-1", "bucket"), "b", "{}"), List.of());
      writer.flush();
    }
    lock();
    Store again = Store.existing(address);
    try (Stream<StoredResource> all = again.resources(ResourceFilter.CURRENT.with("b"))) {
      assertThat(all.map(stored -> stored.resource().id())).containsExactly("b");
    }
    assertThat(again.check()).isEmpty();
  }

  @Test
  void saysWhatToDoWithTheFirstSchema() throws IOException, SQLException {
    MigrationTest.writeFirst(Database.of(address));
    assertThatThrownBy(() -> Database.refuseOther(address, 1, false))
        .hasMessageEndingWith(
            "its schema is 1, older than this program's 3; it cannot be written to: copy it to a"
                + " place that you may write to, and scan into the copy once (freeway scan --db"
                + " COPY), which brings that up to date");
    lock();
    assertThatThrownBy(() -> Store.existing(address))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("its schema is 1, older than this program's 3");

    Path copy = directory.resolve("copy.db");
    Files.copy(address.file(), copy);
    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
    assertThat(Store.open(new StoreAddress.Sqlite(copy)).check()).isEmpty();
  }

  @Test
  void isReadBesideALogWithNothingInIt() throws IOException {
    Store.open(address);
    lock();
    Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rwx------"));
    Files.delete(Path.of(address.file() + "-wal"));
    Files.writeString(Path.of(address.file() + "-wal"), "");
    assertThat(Store.existing(address).check()).isEmpty();
  }
}
