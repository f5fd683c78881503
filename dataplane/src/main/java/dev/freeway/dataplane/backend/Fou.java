package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.netlink.AttributeReader;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.GenericFamily;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.netlink.NetlinkConnection;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** UDP ports on which GUE is taken off (include/uapi/linux/fou.h). Used by one thread. */
final class Fou implements AutoCloseable {
  private static final String FAMILY = "fou";
  private static final int VERSION = 1;
  private static final int FOU_CMD_ADD = 1;
  private static final int FOU_CMD_GET = 3;
  private static final int FOU_ATTR_PORT = 1;
  private static final int FOU_ATTR_AF = 2;
  private static final int FOU_ATTR_TYPE = 4;
  private static final int FOU_ENCAP_GUE = 2;

  private final NetlinkConnection connection;

  /** Over a socket of {@code NETLINK_GENERIC}, which is closed with the result. */
  Fou(NetlinkSocket socket) {
    this.connection = new NetlinkConnection(socket);
  }

  /** The ports; none where the module is not loaded. */
  Set<PodState.GuePort> ports() {
    try {
      int family = GenericFamily.find(connection, FAMILY).id();
      return new HashSet<>(
          connection.<PodState.GuePort>dump(
              "read the UDP ports of GUE",
              out -> {
                out.beginGeneric(
                    family, Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP, FOU_CMD_GET, VERSION);
                out.end();
              },
              (type, payload, into) -> decode(payload).ifPresent(into::add)));
    } catch (NetlinkException e) {
      if (e.errno() == Errno.ENOENT) {
        return Set.of();
      }
      throw e;
    }
  }

  static Optional<PodState.GuePort> decode(ByteBuffer payload) {
    AttributeReader in = AttributeReader.after(payload, GenericFamily.HEADER_BYTES);
    int port = 0;
    int family = 0;
    int type = 0;
    while (in.next()) {
      switch (in.type()) {
        case FOU_ATTR_PORT -> port = in.networkU16();
        case FOU_ATTR_AF -> family = in.u8();
        case FOU_ATTR_TYPE -> type = in.u8();
        default -> {}
      }
    }
    for (Family known : Family.values()) {
      if (known.number() == family && type == FOU_ENCAP_GUE) {
        return Optional.of(new PodState.GuePort(known, port));
      }
    }
    return Optional.empty();
  }

  /**
   * Takes GUE off on a port.
   *
   * @throws NetlinkException ENOENT when the module {@code fou} is not loaded, EADDRINUSE when
   *     somebody else has the port
   */
  void add(PodState.GuePort port) {
    int family = GenericFamily.find(connection, FAMILY).id();
    connection.request(
        "take GUE off on UDP port " + port.port(),
        out -> {
          out.beginGeneric(family, Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK, FOU_CMD_ADD, VERSION);
          out.putNetworkShort(FOU_ATTR_PORT, port.port());
          out.putByte(FOU_ATTR_AF, port.family().number());
          out.putByte(FOU_ATTR_TYPE, FOU_ENCAP_GUE);
          out.end();
        });
  }

  @Override
  public void close() {
    connection.close();
  }
}
