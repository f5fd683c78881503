package dev.freeway.controlplane.store;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Files that are made for their owner alone, mode 0600 from the first moment on: they say what an
 * account holds. One that is there keeps its mode, and a file system without modes has none.
 */
public final class OwnFile {
  private OwnFile() {}

  /** What fills a file. */
  public interface Writing {
    /** Writes; does not close. */
    void to(OutputStream out) throws IOException;
  }

  /**
   * Makes an empty file.
   *
   * @throws java.nio.file.FileAlreadyExistsException when there is one
   */
  static void create(Path file) throws IOException {
    Files.createFile(file, mode(file, "rw-------"));
  }

  /** Makes a directory, mode 0700, and those above it; one that is there stays as it is. */
  static void createDirectories(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      Files.createDirectories(directory, mode(directory, "rwx------"));
    }
  }

  /** Opens a file, and makes it when it is missing. */
  static FileChannel open(Path file, OpenOption... options) throws IOException {
    return FileChannel.open(file, Set.of(options), mode(file, "rw-------"));
  }

  /**
   * Opens a file to write it anew; what it held is gone.
   *
   * @throws IOException when it cannot be opened for writing
   */
  public static OutputStream write(Path file) throws IOException {
    return Channels.newOutputStream(
        Files.newByteChannel(
            file,
            Set.of(
                StandardOpenOption.WRITE,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING),
            mode(file, "rw-------")));
  }

  /**
   * Replaces a file whole or not at all, by one beside it.
   *
   * @throws IOException when it cannot be written, and then it is as it was
   */
  public static void replace(Path file, Writing writing) throws IOException {
    Path directory = file.toAbsolutePath().normalize().getParent();
    if (directory == null) {
      throw new IOException(file + " is no file");
    }
    Path beside = Files.createTempFile(directory, ".freeway", "", mode(file, "rw-------"));
    try {
      try (OutputStream out = Files.newOutputStream(beside)) {
        writing.to(out);
      }
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(beside);
    }
  }

  private static FileAttribute<?>[] mode(Path file, String permissions) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
