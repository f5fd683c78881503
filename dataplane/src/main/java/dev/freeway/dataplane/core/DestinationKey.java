package dev.freeway.dataplane.core;

import org.jspecify.annotations.Nullable;

/**
 * What identifies a destination within its service: the backend's address and port. The order is
 * the canonical one in which routers insert, so that their {@code mh} tables agree.
 *
 * @param address the backend's address
 * @param port 0 to 65535
 */
public record DestinationKey(IpAddress address, int port) implements Comparable<DestinationKey> {

  public DestinationKey {
    Ports.check(port);
  }

  @Override
  public int compareTo(DestinationKey other) {
    int byAddress = address.compareTo(other.address);
    return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
  }

  // As a record does it, but for the speed: see IpAddress.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DestinationKey key && port == key.port && address.equals(key.address);
  }

  @Override
  public int hashCode() {
    return address.hashCode() * 31 + port;
  }

  @Override
  public String toString() {
    return address.withPort(port);
  }
}
