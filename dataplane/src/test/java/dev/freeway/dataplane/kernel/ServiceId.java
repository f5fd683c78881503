package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ServiceKey;

/**
 * How the kernel finds a service: by firewall mark when that is not 0, else by the rest.
 *
 * @param family the address family
 * @param protocol any number; the kernel does not check it over netlink
 * @param address the virtual address; 0.0.0.0 or :: with a firewall mark
 * @param port 0 for every port
 * @param firewallMark 0 for none
 */
public record ServiceId(
    Family family, int protocol, IpAddress address, int port, int firewallMark) {
  static final int TCP = 6;

  /** The identity of a service by address. */
  public static ServiceId of(ServiceKey key) {
    return new ServiceId(
        key.address().family(), key.protocol().number(), key.address(), key.port(), 0);
  }

  /** The identity of a service by firewall mark; the kernel files it under TCP. */
  public static ServiceId ofMark(Family family, int mark) {
    return new ServiceId(family, TCP, new IpAddress(family, 0, 0), 0, mark);
  }

  /** The same address and protocol on every port. */
  ServiceId anyPort() {
    return new ServiceId(family, protocol, address, 0, firewallMark);
  }
}
