package dev.freeway.dataplane.core;

import java.util.Comparator;

/**
 * What identifies an IPVS service: the address, port and protocol that clients connect to.
 *
 * @param protocol the transport protocol
 * @param address the virtual address (VIP)
 * @param port 1 to 65535; 0 only in what the kernel shows of others (a service for every port)
 */
public record ServiceKey(Protocol protocol, IpAddress address, int port)
    implements Comparable<ServiceKey> {
  private static final Comparator<ServiceKey> ORDER =
      Comparator.comparing(ServiceKey::address)
          .thenComparingInt(ServiceKey::port)
          .thenComparing(ServiceKey::protocol);

  public ServiceKey {
    Ports.check(port);
  }

  @Override
  public int compareTo(ServiceKey other) {
    return ORDER.compare(this, other);
  }

  /** For example {@code tcp 10.0.0.1:80}. */
  @Override
  public String toString() {
    return protocol.name().toLowerCase(java.util.Locale.ROOT) + " " + address.withPort(port);
  }
}
