package dev.freeway.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoCommandTest {
  @TempDir private Path directory;

  private static Ran demo(Path file, String... options) {
    String[] all = new String[options.length + 7];
    System.arraycopy(
        new String[] {"demo", "--db", file.toString(), "--accounts", "1", "--scans", "1"},
        0,
        all,
        0,
        7);
    System.arraycopy(options, 0, all, 7, options.length);
    return Ran.of(all);
  }

  @Test
  void replacesADemoOnlyWhenItIsToldSo() throws IOException {
    Path file = directory.resolve("demo.db");
    assertThat(demo(file).code()).isZero();
    byte[] before = Files.readAllBytes(file);
    Ran again = demo(file, "--seed", "7");
    assertThat(again.code()).isEqualTo(ExitCode.FAILED);
    assertThat(again.err()).contains("is there already; expected a new file, or --force");
    assertThat(file).hasBinaryContent(before);
    // What is left of another process must not become a part of the new file.
    Files.writeString(directory.resolve("demo.db-wal"), "left");
    Files.writeString(directory.resolve("demo.db-shm"), "left");
    Ran forced = demo(file, "--seed", "7", "--force");
    assertThat(forced.code()).as(forced.err()).isZero();
    Store store = Store.existing(new StoreAddress.Sqlite(file));
    assertThat(store.scans()).hasSize(1);
    assertThat(store.check()).isEmpty();
    for (String beside : new String[] {"demo.db-wal", "demo.db-shm"}) {
      assertThat(Files.exists(directory.resolve(beside)) ? read(beside) : "").isNotEqualTo("left");
    }
  }

  private String read(String name) throws IOException {
    return new String(
        Files.readAllBytes(directory.resolve(name)), java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  @Test
  void replacesNothingThatIsNoInventory() throws IOException {
    Path notes = Files.writeString(directory.resolve("notes"), "SQLite is a database, I noted");
    Ran ran = demo(notes, "--force");
    assertThat(ran.code()).isEqualTo(ExitCode.FAILED);
    assertThat(ran.err()).contains("is no inventory; expected one to replace");
    assertThat(notes).hasContent("SQLite is a database, I noted");
  }

  @Test
  void saysWhatItTakes() {
    assertThat(Ran.of("demo", "--accounts", "6", "--db", "x").code()).isEqualTo(ExitCode.USAGE);
    assertThat(Ran.of("demo", "--scans", "0", "--db", "x").err()).contains("expected 1 to 5");
    assertThat(Ran.of("demo", "--db", "jdbc:postgresql://db/x").err())
        .contains("a demo is a SQLite file; expected a path");
  }
}
