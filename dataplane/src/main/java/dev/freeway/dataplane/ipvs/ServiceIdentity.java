package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;

/**
 * What identifies any service of the kernel, foreign kinds included.
 *
 * @param firewallMark not 0 for a service of that mark; protocol, address and port then mean
 *     nothing
 * @param protocol any protocol number
 */
public record ServiceIdentity(
    Family family, int firewallMark, int protocol, IpAddress address, int port) {
  /** For people. */
  String text() {
    return firewallMark != 0
        ? "of firewall mark " + firewallMark
        : "protocol " + protocol + ", " + address + ", port " + port;
  }
}
