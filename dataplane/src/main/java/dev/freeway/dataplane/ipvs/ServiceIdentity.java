package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ServiceKey;

/**
 * What identifies any service of the kernel, foreign kinds included.
 *
 * @param firewallMark not 0 for a service of that mark; protocol, address and port then mean
 *     nothing
 * @param protocol any protocol number
 */
public record ServiceIdentity(
    Family family, int firewallMark, int protocol, IpAddress address, int port) {
  /** That of a service with an address. */
  public static ServiceIdentity of(ServiceKey key) {
    return new ServiceIdentity(
        key.address().family(), 0, key.protocol().number(), key.address(), key.port());
  }

  /** For people. */
  String text() {
    return firewallMark != 0
        ? "of firewall mark " + firewallMark
        : "protocol " + protocol + ", " + address + ", port " + port;
  }
}
