package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import dev.freeway.dataplane.core.ServiceKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt is made at.
 *
 * @param service the service that the backend is in
 * @param backend whom it is meant for
 * @param connectTo where it is sent: to the backend itself, or to the service's address, which
 *     {@code mark} then brings to this backend
 * @param mark the socket's {@code SO_MARK}; needs {@code CAP_NET_ADMIN}
 * @param from the socket's own address; null for the one that the kernel takes
 * @param proxy the header that is sent before the first byte, where anything is
 * @param check how it is asked, and how often
 */
public record Target(
    ServiceKey service,
    DestinationKey backend,
    InetSocketAddress connectTo,
    OptionalInt mark,
    @Nullable InetAddress from,
    ProxyProtocol proxy,
    HealthCheck check) {

  public Target {
    if (connectTo.isUnresolved() || connectTo.getPort() == 0) {
      throw new IllegalArgumentException(connectTo + ": expected an address and a port");
    }
  }

  /** The plain check of a backend that expects no header. */
  public static Target of(ServiceKey service, DestinationKey backend, HealthCheck check) {
    return of(service, backend, check, ProxyProtocol.NONE);
  }

  /** The plain check: to the backend itself, at the check's port or its own. */
  public static Target of(
      ServiceKey service, DestinationKey backend, HealthCheck check, ProxyProtocol proxy) {
    return new Target(
        service,
        backend,
        at(backend.address(), check.port() == 0 ? backend.port() : check.port()),
        OptionalInt.empty(),
        null,
        proxy,
        check);
  }

  /**
   * The check through the data path: to the service's address and port, whatever port the check
   * names, as a client's packets go. What is asked at another port is not to be asked here.
   *
   * @param mark what leads packets to this one backend
   * @param from an address of this machine that is no service's: answers come back to it
   */
  public static Target through(
      ServiceKey service, DestinationKey backend, int mark, InetAddress from, HealthCheck check) {
    return new Target(
        service,
        backend,
        at(service.address(), service.port()),
        OptionalInt.of(mark),
        from,
        ProxyProtocol.NONE,
        check);
  }

  private static InetSocketAddress at(IpAddress address, int port) {
    return new InetSocketAddress(address.toInetAddress(), port);
  }

  /** What the socket is bound to; null for nothing. */
  @Nullable InetSocketAddress local() {
    return from == null ? null : new InetSocketAddress(from, 0);
  }

  /** For example {@code 10.0.0.1:80}. */
  String authority() {
    return IpAddress.of(connectTo.getAddress()).withPort(connectTo.getPort());
  }
}
