package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** The kernel's connections of this thread's namespace ({@code /proc/net/ip_vs_conn}). */
public final class ConnectionTable {
  private static final Path FILE = Path.of("/proc/thread-self/net/ip_vs_conn");

  /** Who connected. */
  public record Client(IpAddress address, int port) {}

  private ConnectionTable() {}

  /** The destination of every client's connection, as one listing has them. */
  public static Map<Client, DestinationKey> list(String protocol) {
    Map<Client, DestinationKey> found = new HashMap<>();
    try {
      for (String line : Files.readAllLines(FILE)) {
        String[] field = line.trim().split("\\s+", -1);
        if (field[0].equals(protocol)) {
          found.put(
              new Client(address(field[1]), Integer.parseInt(field[2], 16)),
              new DestinationKey(address(field[5]), Integer.parseInt(field[6], 16)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  /**
   * The same, of as many listings as it takes: one skips entries while the kernel resizes its table
   * (since 2026), which lasts as long as the kernel's worker has to wait for a processor.
   */
  public static Map<Client, DestinationKey> listUntil(
      String protocol, Predicate<Map<Client, DestinationKey>> whole) {
    Map<Client, DestinationKey> found = new HashMap<>();
    Await.until(
        () -> "the listing has " + found.size() + " connections, not all that were made",
        () -> {
          found.putAll(list(protocol));
          return whole.test(found);
        });
    return found;
  }

  private static IpAddress address(String text) {
    String bare = text.replace("[", "").replace("]", "");
    return bare.indexOf(':') >= 0
        ? IpAddress.parse(bare)
        : new IpAddress(Family.IPV4, 0, Long.parseLong(bare, 16));
  }
}
