package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Addresses of sockets as the core has them. */
final class Addresses {
  private Addresses() {}

  static IpAddress of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return bytes.remaining() == Integer.BYTES
        ? new IpAddress(Family.IPV4, 0, Integer.toUnsignedLong(bytes.getInt()))
        : new IpAddress(Family.IPV6, bytes.getLong(), bytes.getLong());
  }
}
