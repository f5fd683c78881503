package dev.freeway.dataplane.link;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Sysctls as files: those below {@code net} are of the network namespace that the calling thread is
 * in.
 */
public final class Sysctls {
  private final Path root;

  /**
   * Sysctls below a directory.
   *
   * @param root {@code /proc/sys}
   */
  public Sysctls(Path root) {
    this.root = root;
  }

  /** What became of a write. */
  public sealed interface Written {
    /** It has the value now. */
    record Done() implements Written {}

    /** This kernel does not have it. */
    record Missing() implements Written {}

    /** It may not be written, or not this value. */
    record Refused(String reason) implements Written {}
  }

  /**
   * A sysctl's value.
   *
   * @param path below the root, for example {@code net/ipv4/ip_forward}
   * @return empty when this kernel does not have it or does not show it
   */
  public Optional<String> read(String path) {
    try {
      return Optional.of(Files.readString(root.resolve(path), StandardCharsets.US_ASCII).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Sets a sysctl. */
  public Written write(String path, String value) {
    try {
      Files.writeString(
          root.resolve(path), value + "\n", StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
      return new Written.Done();
    } catch (NoSuchFileException e) {
      return new Written.Missing();
    } catch (AccessDeniedException e) {
      return new Written.Refused("permission denied");
    } catch (FileSystemException e) {
      String reason = e.getReason() == null ? "refused" : e.getReason();
      return new Written.Refused(reason);
    } catch (IOException e) {
      String reason = e.getMessage() == null ? "refused" : e.getMessage();
      return new Written.Refused(reason);
    }
  }
}
