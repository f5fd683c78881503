package dev.freeway.dataplane.core;

import org.jspecify.annotations.Nullable;

/**
 * What identifies an IPVS service: the address, port and protocol that clients connect to.
 *
 * @param protocol the transport protocol
 * @param address the virtual address (VIP)
 * @param port 1 to 65535; 0 only in what the kernel shows of others (a service for every port)
 */
public record ServiceKey(Protocol protocol, IpAddress address, int port)
    implements Comparable<ServiceKey> {
  public ServiceKey {
    Ports.check(port);
  }

  @Override
  public int compareTo(ServiceKey other) {
    int byAddress = address.compareTo(other.address);
    if (byAddress != 0) {
      return byAddress;
    }
    int byPort = Integer.compare(port, other.port);
    return byPort != 0 ? byPort : protocol.compareTo(other.protocol);
  }

  // As a record does it, but for the speed: see IpAddress.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ServiceKey key
        && port == key.port
        && protocol == key.protocol
        && address.equals(key.address);
  }

  @Override
  public int hashCode() {
    return (address.hashCode() * 31 + port) * 31 + protocol.number();
  }

  /** For example {@code tcp 10.0.0.1:80}. */
  @Override
  public String toString() {
    return protocol.name().toLowerCase(java.util.Locale.ROOT) + " " + address.withPort(port);
  }
}
