package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * The header of a connection that nobody is behind but who makes it (HAProxy's proxy-protocol.txt,
 * sections 2.1 and 2.2): the text form has UNKNOWN for that, the binary one the command LOCAL. It
 * is what HAProxy sends with {@code check-send-proxy}.
 */
final class LocalHeader {
  private static final byte[] TEXT = "PROXY UNKNOWN\r\n".getBytes(StandardCharsets.US_ASCII);

  /** The signature, version 2 with LOCAL, no family, and no address. */
  private static final byte[] BINARY = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x20, 0x00, 0x00, 0x00
  };

  private LocalHeader() {}

  /** No bytes where none is asked for. */
  static ByteBuf of(ProxyProtocol form) {
    return switch (form) {
      case NONE -> Unpooled.EMPTY_BUFFER;
      case V1 -> Unpooled.wrappedBuffer(TEXT);
      case V2 -> Unpooled.wrappedBuffer(BINARY);
    };
  }
}
