package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.IpAddress;
import java.util.Optional;

/**
 * A link with what a real server's preparation looks at.
 *
 * @param link index, name, kind and flags
 * @param mtu in bytes
 * @param peer the index of the other end of a veth, in whichever namespace that is; 0 for none
 * @param rpFilter its own {@code rp_filter}: 0 off, 1 strict, 2 loose
 * @param arpIgnore its own {@code arp_ignore}
 * @param arpAnnounce its own {@code arp_announce}
 * @param local where a tunnel ends; empty for any address, and where it is no tunnel
 * @param remote where a tunnel begins; empty for any address
 * @param checksum whether a GRE tunnel takes packets with a checksum, and no others
 */
public record Device(
    Link link,
    int mtu,
    int peer,
    int rpFilter,
    int arpIgnore,
    int arpAnnounce,
    Optional<IpAddress> local,
    Optional<IpAddress> remote,
    boolean checksum) {
  /** Whether neighbours ask by ARP for addresses on it. */
  public boolean asksByArp() {
    return !link.loopback() && (link.flags() & RouteNumbers.IFF_NOARP) == 0;
  }
}
