package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * What must survive us: small files, each replaced as a whole, so that a reader sees the old or the
 * new content after a crash at any point. Every file begins with a line of format version, length
 * and CRC-32C; a file that does not match is corrupt, and then nothing is concluded from it.
 */
public final class StateDirectory {
  private static final String MAGIC = "freeway-state 1 ";

  private final Path directory;

  private StateDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * Opens a directory, making it when it is missing.
   *
   * @throws StateException when it cannot be made
   */
  public static StateDirectory open(Path directory) {
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new StateException("state directory", directory, e);
    }
    return new StateDirectory(directory);
  }

  /** Where it is. */
  public Path path() {
    return directory;
  }

  /** What became of a file. */
  public sealed interface Loaded {
    /** Its content, whole. */
    final class Present implements Loaded {
      private final byte[] content;

      private Present(byte[] content) {
        this.content = content;
      }

      /** The bytes that were saved. */
      public byte[] content() {
        return content.clone();
      }
    }

    /** It was never written, or is lost. */
    record Missing() implements Loaded {}

    /** It is there and cannot be believed. */
    record Corrupt(String reason) implements Loaded {}
  }

  /**
   * Replaces a file's content, on disk when this returns.
   *
   * @param name a file name without separators
   * @throws StateException when it cannot; the old content is then still there
   */
  public void save(String name, byte[] content) {
    Path target = directory.resolve(name);
    Path temporary = directory.resolve("." + name + ".new");
    String header = MAGIC + content.length + " " + checksum(content) + "\n";
    try {
      try (FileChannel out =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        write(out, ByteBuffer.wrap(header.getBytes(StandardCharsets.US_ASCII)));
        write(out, ByteBuffer.wrap(content));
        out.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
        entries.force(true); // the rename itself
      }
    } catch (IOException e) {
      throw new StateException("write", target, e);
    }
  }

  private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  /**
   * Reads a file.
   *
   * @throws StateException when it is there and cannot be read
   */
  public Loaded load(String name) {
    Path file = directory.resolve(name);
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      return new Loaded.Missing();
    } catch (IOException e) {
      throw new StateException("read", file, e);
    }
    return decode(file, bytes);
  }

  /** What a file's bytes say, whatever they are. */
  static Loaded decode(Path file, byte[] bytes) {
    int end = 0;
    while (end < bytes.length && end < 64 && bytes[end] != '\n') {
      end++;
    }
    String header = new String(bytes, 0, end, StandardCharsets.US_ASCII);
    if (!header.startsWith(MAGIC)) {
      return new Loaded.Corrupt(file + " does not begin with \"" + MAGIC.strip() + "\"");
    }
    byte[] content = Arrays.copyOfRange(bytes, Math.min(end + 1, bytes.length), bytes.length);
    String expected = MAGIC + content.length + " " + checksum(content);
    if (!header.equals(expected)) {
      return new Loaded.Corrupt(file + " does not match its length and checksum");
    }
    return new Loaded.Present(content);
  }

  /** Removes a file; nothing happens when it is not there. */
  public void delete(String name) {
    Path file = directory.resolve(name);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new StateException("delete", file, e);
    }
  }

  private static String checksum(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /** What the record says of one namespace. */
  public record Recorded(Set<ServiceKey> services, List<String> findings) {}

  /**
   * The services that are ours in a namespace. A record that is missing, corrupt, or of another
   * boot or namespace names none: nothing is deleted on its word.
   */
  public Recorded ownership(Namespace namespace) {
    return switch (load(file(namespace))) {
      case Loaded.Missing _ -> new Recorded(Set.of(), List.of());
      case Loaded.Corrupt corrupt -> lost(corrupt.reason());
      case Loaded.Present present ->
          parse(directory.resolve(file(namespace)), present.content(), namespace);
    };
  }

  /** What a record says, whatever its content. */
  static Recorded parse(Path file, byte[] content, Namespace namespace) {
    List<String> lines = new String(content, StandardCharsets.UTF_8).lines().toList();
    if (lines.size() < 2) {
      return lost(file + " is too short");
    }
    if (!lines.get(0).equals("boot " + namespace.bootId())
        || !lines.get(1).equals("netns " + namespace.netns())) {
      return new Recorded(Set.of(), List.of()); // the table it was about is gone
    }
    Set<ServiceKey> services = new TreeSet<>();
    for (String line : lines.subList(2, lines.size())) {
      String[] words = line.split(" ", -1);
      if (words.length != 3) {
        return lost(file + " says \"" + line + "\"");
      }
      try {
        services.add(
            new ServiceKey(
                Protocol.valueOf(words[0].toUpperCase(Locale.ROOT)),
                IpAddress.parse(words[1]),
                Integer.parseInt(words[2])));
      } catch (IllegalArgumentException e) {
        return lost(file + " says \"" + line + "\"");
      }
    }
    return new Recorded(services, List.of());
  }

  private static Recorded lost(String why) {
    return new Recorded(
        Set.of(),
        List.of(
            "the record of our services is lost ("
                + why
                + "): nothing is deleted; take existing services over with --adopt"));
  }

  /** One file a namespace: two routers on a machine do not overwrite each other's record. */
  private static String file(Namespace namespace) {
    return "ownership-" + namespace.netns().replaceAll("[^0-9]", "");
  }

  /**
   * Writes the record of the services that are ours, on disk when this returns.
   *
   * @throws StateException when it cannot; the old record is then still there
   */
  public void record(Namespace namespace, Collection<ServiceKey> services) {
    StringBuilder text = new StringBuilder(64 + services.size() * 32);
    text.append("boot ").append(namespace.bootId()).append('\n');
    text.append("netns ").append(namespace.netns()).append('\n');
    for (ServiceKey key : new TreeSet<>(services)) {
      text.append(key.protocol().name().toLowerCase(Locale.ROOT))
          .append(' ')
          .append(key.address())
          .append(' ')
          .append(key.port())
          .append('\n');
    }
    save(file(namespace), text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
