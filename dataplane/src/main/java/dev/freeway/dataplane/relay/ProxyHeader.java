package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * The header that tells a backend who its client is, before the client's first byte (HAProxy's
 * proxy-protocol.txt, sections 2.1 and 2.2).
 */
final class ProxyHeader {
  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };

  private static final int PROXY_V2 = 0x21;
  private static final int TCP_OVER_IPV4 = 0x11;
  private static final int TCP_OVER_IPV6 = 0x21;

  private ProxyHeader() {}

  /**
   * The header of one connection; no bytes where none is asked for.
   *
   * @param client where it came from
   * @param service where it went to
   */
  static ByteBuf of(ProxyProtocol form, InetSocketAddress client, InetSocketAddress service) {
    return switch (form) {
      case NONE -> Unpooled.EMPTY_BUFFER;
      case V1 -> text(client, service);
      case V2 -> binary(client, service);
    };
  }

  private static ByteBuf text(InetSocketAddress client, InetSocketAddress service) {
    IpAddress from = IpAddress.of(client.getAddress());
    String header =
        "PROXY "
            + (from.family() == Family.IPV4 ? "TCP4 " : "TCP6 ")
            + from
            + " "
            + IpAddress.of(service.getAddress())
            + " "
            + client.getPort()
            + " "
            + service.getPort()
            + "\r\n";
    return Unpooled.copiedBuffer(header, StandardCharsets.US_ASCII);
  }

  private static ByteBuf binary(InetSocketAddress client, InetSocketAddress service) {
    byte[] from = client.getAddress().getAddress();
    byte[] to = service.getAddress().getAddress();
    int ports = 2 * Short.BYTES;
    return Unpooled.buffer(SIGNATURE.length + 4 + from.length + to.length + ports)
        .writeBytes(SIGNATURE)
        .writeByte(PROXY_V2)
        .writeByte(from.length == 4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6)
        .writeShort(from.length + to.length + ports)
        .writeBytes(from)
        .writeBytes(to)
        .writeShort(client.getPort())
        .writeShort(service.getPort());
  }
}
