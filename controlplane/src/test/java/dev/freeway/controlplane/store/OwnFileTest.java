package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnFileTest {
  @TempDir private Path directory;

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static void write(Path file, String text) throws IOException {
    try (OutputStream out = OwnFile.write(file)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void whatIsMadeIsItsOwnersAlone() throws IOException {
    Path created = directory.resolve("created");
    OwnFile.create(created);
    assertThat(mode(created)).isEqualTo("rw-------");
    assertThatThrownBy(() -> OwnFile.create(created))
        .isInstanceOf(FileAlreadyExistsException.class);
    Path opened = directory.resolve("opened");
    try (FileChannel _ =
        OwnFile.open(opened, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
      assertThat(mode(opened)).isEqualTo("rw-------");
    }
    Path written = directory.resolve("written");
    write(written, "a");
    assertThat(mode(written)).isEqualTo("rw-------");
    Path replaced = directory.resolve("replaced");
    OwnFile.replace(replaced, out -> out.write('a'));
    assertThat(mode(replaced)).isEqualTo("rw-------");
    OwnFile.createDirectories(directory.resolve("a/b"));
    assertThat(mode(directory.resolve("a"))).isEqualTo("rwx------");
    assertThat(mode(directory.resolve("a/b"))).isEqualTo("rwx------");
  }

  @Test
  void aFileThatIsThereIsWrittenAnewAndKeepsItsMode() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "long before");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    write(file, "now");
    assertThat(file).hasContent("now");
    assertThat(mode(file)).isEqualTo("rw-r--r--");
  }

  @Test
  void whatALinkNamesIsMadeForItsOwnerAlone() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("named"));
    write(link, "a");
    assertThat(link).isSymbolicLink();
    assertThat(mode(directory.resolve("named"))).isEqualTo("rw-------");
  }

  @Test
  void whatCannotBeWrittenWholeLeavesTheFileAsItWas() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "before");
    assertThatThrownBy(
            () ->
                OwnFile.replace(
                    file,
                    out -> {
                      out.write('a');
                      throw new IOException("full");
                    }))
        .hasMessage("full");
    assertThat(file).hasContent("before");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).containsExactly(file);
    }
    OwnFile.replace(file, out -> out.write('b'));
    assertThat(file).hasContent("b");
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThatThrownBy(() -> OwnFile.replace(Path.of("/"), out -> out.write('a')))
        .hasMessage("/ is no file");
  }
}
