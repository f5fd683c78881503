package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceDestination;
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
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * What must survive us: small files, each replaced as a whole, so that a reader sees the old or the
 * new content after a crash at any point. Every file begins with a line of format version, length
 * and CRC-32C; a file that does not match is corrupt, and then nothing is concluded from it.
 */
public final class StateDirectory {
  private static final String FORMAT = "freeway-state ";
  private static final String MAGIC = FORMAT + "1 ";

  private final Path directory;

  private StateDirectory(Path directory) {
    this.directory = directory;
  }

  /** Names a directory. It is made when something is saved: to look must not leave a trace. */
  public static StateDirectory open(Path directory) {
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
    save(name, content, true);
  }

  /** Without {@code durable} what is lost is lost with this boot, and a reader sees it whole. */
  private void save(String name, byte[] content, boolean durable) {
    Path target = directory.resolve(name);
    Path temporary = directory.resolve("." + name + ".new");
    String header = MAGIC + content.length + " " + checksum(content) + "\n";
    try {
      Files.createDirectories(directory);
      try (FileChannel out =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        write(out, ByteBuffer.wrap(header.getBytes(StandardCharsets.US_ASCII)));
        write(out, ByteBuffer.wrap(content));
        if (durable) {
          out.force(true);
        }
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      if (durable) {
        try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
          entries.force(true); // the rename itself
        }
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
    if (header.startsWith(FORMAT) && !header.startsWith(MAGIC)) {
      return new Loaded.Corrupt(
          file + " says \"" + header + "\", and this program reads only \"" + MAGIC.strip() + "\"");
    }
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

  /** Whether a record can be believed. */
  public enum Standing {
    /** It is of this boot and namespace. */
    WRITTEN,
    /** There is none: nothing was applied here, or the directory was emptied. */
    MISSING,
    /** It is of an earlier boot or another namespace, whose table is gone. */
    OUTDATED,
    /** It is there and cannot be read. */
    LOST
  }

  /**
   * What the record says of one namespace.
   *
   * @param owners the Kubernetes Service of each service as {@code namespace/name}; empty where the
   *     record does not say
   * @param findings what is wrong with it, in plain words
   */
  public record Recorded(
      Standing standing, SortedMap<ServiceKey, String> owners, List<String> findings) {
    /** The services that are ours. */
    public Set<ServiceKey> services() {
      return owners.keySet();
    }

    /** The services whose Kubernetes Service is known, with it. */
    public Map<ServiceKey, String> holders() {
      Map<ServiceKey, String> holders = new TreeMap<>(owners);
      holders.values().removeIf(String::isEmpty);
      return holders;
    }

    /** A record that cannot be read. */
    public static Recorded lost(String why) {
      return new Recorded(
          Standing.LOST,
          Collections.emptySortedMap(),
          List.of(
              "the record of our services is lost ("
                  + why
                  + "): nothing is deleted; take existing services over with --adopt"));
    }

    private static Recorded none(Standing standing) {
      return new Recorded(standing, Collections.emptySortedMap(), List.of());
    }
  }

  /**
   * The services that are ours in a namespace. A record that is missing, corrupt, or of another
   * boot or namespace names none: nothing is deleted on its word.
   *
   * @throws StateException when it is there and cannot be read
   */
  public Recorded ownership(Namespace namespace) {
    return switch (load(file(namespace))) {
      case Loaded.Missing _ -> Recorded.none(Standing.MISSING);
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
    if (!isOf(namespace, lines)) {
      return Recorded.none(Standing.OUTDATED); // the table it was about is gone
    }
    SortedMap<ServiceKey, String> owners = new TreeMap<>();
    for (String line : lines.subList(2, lines.size())) {
      String[] words = line.split(" ", -1);
      if (words.length < 3 || words.length > 4) { // three: written before owners were kept
        return lost(file + " says \"" + line + "\"");
      }
      try {
        owners.put(service(words), words.length == 4 ? words[3] : "");
      } catch (IllegalArgumentException e) {
        return lost(file + " says \"" + line + "\"");
      }
    }
    return new Recorded(Standing.WRITTEN, Collections.unmodifiableSortedMap(owners), List.of());
  }

  private static boolean isOf(Namespace namespace, List<String> lines) {
    return lines.size() >= 2
        && lines.get(0).equals("boot " + namespace.bootId())
        && lines.get(1).equals("netns " + namespace.netns());
  }

  static ServiceKey service(String... words) {
    return new ServiceKey(
        Protocol.valueOf(words[0].toUpperCase(Locale.ROOT)),
        IpAddress.parse(words[1]),
        Integer.parseInt(words[2]));
  }

  /**
   * Since when destinations drain in a namespace, in milliseconds since the boot. What is missing,
   * corrupt, unreadable, of another boot or namespace, or of the future, is not known: that drain
   * has just begun.
   *
   * @param now in milliseconds since the boot
   */
  SortedMap<ServiceDestination, Long> drains(Namespace namespace, long now) {
    return times(drainsFile(namespace), namespace, now);
  }

  /**
   * Since when destinations are out by their health in a namespace, by the last {@code run}; in
   * milliseconds since the boot. What is missing, corrupt, unreadable, of another boot or
   * namespace, or of the future, is not known: that destination is not out.
   *
   * @param now in milliseconds since the boot
   */
  SortedMap<ServiceDestination, Long> out(Namespace namespace, long now) {
    return times(outFile(namespace), namespace, now);
  }

  private SortedMap<ServiceDestination, Long> times(String file, Namespace namespace, long now) {
    try {
      if (load(file) instanceof Loaded.Present present) {
        return parseTimes(present.content(), namespace, now);
      }
    } catch (StateException _) {
      // as if it were lost
    }
    return Collections.emptySortedMap();
  }

  /** What a record of times of destinations says, whatever its content. */
  static SortedMap<ServiceDestination, Long> parseTimes(
      byte[] content, Namespace namespace, long now) {
    SortedMap<ServiceDestination, Long> times = new TreeMap<>();
    List<String> lines = new String(content, StandardCharsets.UTF_8).lines().toList();
    if (!isOf(namespace, lines)) {
      return times;
    }
    for (String line : lines.subList(2, lines.size())) {
      String[] words = line.split(" ", -1);
      if (words.length != 6) {
        continue;
      }
      try {
        DestinationKey destination =
            new DestinationKey(IpAddress.parse(words[3]), Integer.parseInt(words[4]));
        long since = Long.parseLong(words[5]);
        if (since >= 0 && since <= now) {
          times.put(new ServiceDestination(service(words), destination), since);
        }
      } catch (IllegalArgumentException _) {
        // as if it were not there
      }
    }
    return times;
  }

  /**
   * Writes since when destinations drain; the disk is not waited for. After the boot and the
   * network namespace, a line each:
   *
   * <pre>
   * tcp 10.0.0.1 80 10.1.0.12 8080 1227000
   * </pre>
   *
   * @param drains in milliseconds since the boot
   * @throws StateException when it cannot; the old record is then still there
   */
  void recordDrains(Namespace namespace, SortedMap<ServiceDestination, Long> drains) {
    recordTimes(drainsFile(namespace), namespace, drains);
  }

  /**
   * Writes since when destinations are out by their health, as {@link #recordDrains} does.
   *
   * @param out in milliseconds since the boot
   * @throws StateException when it cannot; the old record is then still there
   */
  void recordOut(Namespace namespace, SortedMap<ServiceDestination, Long> out) {
    recordTimes(outFile(namespace), namespace, out);
  }

  private void recordTimes(
      String file, Namespace namespace, SortedMap<ServiceDestination, Long> times) {
    StringBuilder text = head(namespace, times.size());
    times.forEach(
        (of, since) -> {
          append(of.service(), text);
          text.append(' ').append(of.destination().address());
          text.append(' ').append(of.destination().port());
          text.append(' ').append(since).append('\n');
        });
    save(file, text.toString().getBytes(StandardCharsets.UTF_8), false);
  }

  private static Recorded lost(String why) {
    return Recorded.lost(why);
  }

  /** The file whose lock the one writer of a namespace holds; it says who that is. */
  public static String lockFile(Namespace namespace) {
    return "lock-" + number(namespace);
  }

  private static String file(Namespace namespace) {
    return "ownership-" + number(namespace);
  }

  private static String drainsFile(Namespace namespace) {
    return "drains-" + number(namespace);
  }

  private static String outFile(Namespace namespace) {
    return "out-" + number(namespace);
  }

  /** Files of a namespace: two routers on a machine do not overwrite each other's record. */
  static String number(Namespace namespace) {
    return namespace.netns().replaceAll("[^0-9]", "");
  }

  /**
   * Writes the record of the services that are ours, on disk when this returns. After the boot and
   * the network namespace that it is of, a line each:
   *
   * <pre>
   * tcp 10.0.0.1 80 shop/web
   * </pre>
   *
   * @param owners the Kubernetes Service of each as {@code namespace/name}; empty for unknown
   * @throws StateException when it cannot; the old record is then still there
   */
  public void record(Namespace namespace, SortedMap<ServiceKey, String> owners) {
    StringBuilder text = head(namespace, owners.size());
    owners.forEach(
        (key, owner) -> {
          append(key, text);
          text.append(owner.isEmpty() ? "" : " ").append(owner).append('\n');
        });
    save(file(namespace), text.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static StringBuilder head(Namespace namespace, int lines) {
    StringBuilder text = new StringBuilder(64 + lines * 48);
    text.append("boot ").append(namespace.bootId()).append('\n');
    text.append("netns ").append(namespace.netns()).append('\n');
    return text;
  }

  static void append(ServiceKey key, StringBuilder text) {
    text.append(key.protocol().name().toLowerCase(Locale.ROOT));
    text.append(' ').append(key.address()).append(' ').append(key.port());
  }
}
