package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.util.Collection;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a real server is to take packets for, and how they come.
 *
 * @param addresses of the services
 * @param tunnels the outer headers; none for direct return alone, which needs nothing more
 */
public record BackendNeeds(SortedSet<IpAddress> addresses, Set<Encapsulation> tunnels) {
  /** Nothing: what was prepared is taken away. */
  public static final BackendNeeds NONE = new BackendNeeds(new TreeSet<>(), Set.of());

  public BackendNeeds {
    addresses = new TreeSet<>(addresses);
    tunnels = Set.copyOf(tunnels);
  }

  /** The needs of services together. */
  public static BackendNeeds of(
      Collection<IpAddress> addresses, Collection<Encapsulation> tunnels) {
    return new BackendNeeds(new TreeSet<>(addresses), Set.copyOf(tunnels));
  }

  boolean has(Family family) {
    return addresses.stream().anyMatch(address -> address.family() == family);
  }

  /** The bytes that the largest outer header adds to a packet. */
  int overhead(Family outer) {
    int most = 0;
    for (Encapsulation tunnel : tunnels) {
      most = Math.max(most, bytes(tunnel));
    }
    return tunnels.isEmpty() ? 0 : most + (outer == Family.IPV4 ? 20 : 40);
  }

  /** What is between the outer and the inner IP header (ip_vs_xmit.c). */
  private static int bytes(Encapsulation tunnel) {
    return switch (tunnel) {
      case Encapsulation.Ipip _ -> 0;
      case Encapsulation.Gue gue -> 8 + 4 + (gue.remoteChecksum() ? 8 : 0); // UDP, GUE, its option
      case Encapsulation.Gre gre -> gre.checksum() ? 8 : 4;
    };
  }
}
