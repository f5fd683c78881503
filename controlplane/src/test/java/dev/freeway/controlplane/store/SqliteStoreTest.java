package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SqliteStoreTest extends StoreContract {
  @TempDir private Path directory;

  @Override
  StoreAddress address() {
    return new StoreAddress.Sqlite(directory.resolve("inventory.db"));
  }

  @Test
  void aDirectoryIsNoInventoryToReadEither() {
    StoreAddress address = new StoreAddress.Sqlite(Path.of("/tmp"));
    assertThatThrownBy(() -> Store.existing(address))
        .hasMessage("/tmp: is a directory; give a file in it");
    assertThatThrownBy(() -> Store.open(address))
        .hasMessage("/tmp: is a directory; give a file in it");
  }

  @Test
  void aFullDiskIsSaid() {
    StoreAddress.Sqlite address = new StoreAddress.Sqlite(Path.of("/x.db"));
    assertThat(
            new SqliteDatabase(address)
                .error(new SQLiteException("full", SQLiteErrorCode.SQLITE_FULL)))
        .hasMessageStartingWith("/x.db: its disk is full")
        .hasMessageEndingWith("make room, then freeway scan --resume");
  }

  @Test
  void createsMissingDirectoriesAndAFileThatOnlyTheOwnerReads() throws IOException {
    Path parent = directory.resolve("a/b");
    Path file = parent.resolve("inventory.db");
    Store deep = Store.open(new StoreAddress.Sqlite(file));
    try (ScanWriter writer = Samples.scan(deep, clock.instant())) {
      writer.flush();
      assertThat(mode(parent)).isEqualTo("rwx------");
      for (String suffix : new String[] {"", "-wal", "-shm"}) {
        assertThat(mode(Path.of(file + suffix))).isEqualTo("rw-------");
      }
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void isInWriteAheadModeAndWhole() throws SQLException {
    assertThat(sql("PRAGMA journal_mode")).containsExactly("wal");
    assertThat(sql("PRAGMA integrity_check")).containsExactly("ok");
  }

  @Test
  void refusesWhatIsNoInventory() throws IOException, SQLException {
    Path text = Files.writeString(directory.resolve("text"), "name,arn\n".repeat(1000));
    assertThatThrownBy(() -> Store.open(new StoreAddress.Sqlite(text)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("text: is no SQLite database; give an inventory or a new file");

    Path other = directory.resolve("other.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + other);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE resources (rowid INTEGER PRIMARY KEY)");
    }
    assertThatThrownBy(() -> Store.open(new StoreAddress.Sqlite(other)))
        .hasMessageContaining("is a database of another program");
    assertThatThrownBy(() -> Store.existing(new StoreAddress.Sqlite(other)))
        .hasMessageContaining("is a database of another program");
    assertThatThrownBy(() -> Store.open(new StoreAddress.Sqlite(directory)))
        .hasMessageContaining("is a directory");
    assertThatThrownBy(() -> Store.open(new StoreAddress.Sqlite(text.resolve("inventory.db"))))
        .isInstanceOf(StoreException.class);
    Path proc = Path.of("/proc/freeway/inventory.db"); // not even root may write there
    assertThatThrownBy(() -> Store.open(new StoreAddress.Sqlite(proc)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("/proc/freeway");
    Path missing = directory.resolve("missing.db");
    assertThatThrownBy(() -> Store.existing(new StoreAddress.Sqlite(missing)).scans())
        .hasMessageContaining("there is no inventory yet; scan first");
  }

  @Test
  void findsDamage() throws IOException, SQLException {
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      for (int i = 0; i < 2000; i++) {
        writer.seen(
            Samples.resource(
                Samples.scope("ec2", "r", "instance"),
                "i-" + i,
                "{\"N\":\"" + "x".repeat(200) + "\"}"),
            java.util.List.of());
      }
      writer.flush();
    }
    assertThat(store.check()).isEmpty();
    Path file = directory.resolve("inventory.db");
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(bytes.length() / 2);
      bytes.write(new byte[8192]);
    }
    boolean found;
    try {
      found = !store.check().isEmpty();
    } catch (StoreException e) {
      found = String.valueOf(e.getMessage()).contains("damaged");
    }
    assertThat(found).isTrue();
  }

  @Test
  void findsAVersionThatIsMissing() throws SQLException {
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      writer.seen(
          Samples.resource(Samples.scope("ec2", "r", "instance"), "i-1", "{}"),
          java.util.List.of());
      writer.flush();
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + store.address());
        Statement statement = connection.createStatement()) {
      statement.execute("DELETE FROM version");
    }
    assertThat(store.check()).containsExactly("resource 1 (i-1) without its latest version");
  }

  @Test
  void readsAddressesAsPeopleGiveThem() {
    assertThat(StoreAddress.parse("inv.db"))
        .isEqualTo(new StoreAddress.Sqlite(Path.of("inv.db").toAbsolutePath()));
    assertThat(
            StoreAddress.parse("jdbc:postgresql://me:geheim@h/db?user=x&password=geheim&ssl=true"))
        .hasToString("jdbc:postgresql://***@h/db?user=x&password=***&ssl=true");
    for (String wrong : new String[] {"", " ", "jdbc:mysql://x", "postgresql://x/y"}) {
      assertThatThrownBy(() -> StoreAddress.parse(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("jdbc:postgresql:");
    }
    assertThat(StoreAddress.standard(Map.of("XDG_DATA_HOME", "/data", "HOME", "/h")))
        .hasToString("/data/freeway/inventory.db");
    assertThat(StoreAddress.standard(Map.of("XDG_DATA_HOME", "data", "HOME", "/h")))
        .hasToString("/h/.local/share/freeway/inventory.db");
  }
}
