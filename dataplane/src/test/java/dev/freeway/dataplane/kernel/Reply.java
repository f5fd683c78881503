package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.core.IpAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** One datagram to user space in the making: messages, attributes, nests. */
final class Reply {
  static final int MESSAGE_HEADER = 16;

  private ByteBuffer out = ByteBuffer.allocate(4096).order(ByteOrder.nativeOrder());
  private int message;

  void clear() {
    out.clear();
  }

  int size() {
    return out.position();
  }

  /** Forgets what was written since the datagram had this size. */
  void cancel(int size) {
    out.position(size);
  }

  byte[] bytes() {
    byte[] copy = new byte[out.position()];
    out.get(0, copy);
    return copy;
  }

  private ByteBuffer room(int bytes) {
    if (out.remaining() < bytes) {
      ByteBuffer larger =
          ByteBuffer.allocate(2 * (out.capacity() + bytes)).order(ByteOrder.nativeOrder());
      out.flip();
      larger.put(out);
      out = larger;
    }
    return out;
  }

  void beginMessage(int type, int flags, int sequence, int port) {
    message = out.position();
    room(MESSAGE_HEADER)
        .putInt(0)
        .putShort((short) type)
        .putShort((short) flags)
        .putInt(sequence)
        .putInt(port);
  }

  void generic(int command, int version) {
    room(4).put((byte) command).put((byte) version).putShort((short) 0);
  }

  void endMessage() {
    out.putInt(message, out.position() - message);
    align();
  }

  void word(int value) {
    room(4).putInt(value);
  }

  void raw(ByteBuffer from, int begin, int length) {
    room(length + 4);
    out.put(out.position(), from, begin, length);
    out.position(out.position() + length);
    align();
  }

  private void align() {
    while ((out.position() & 3) != 0) {
      room(1).put((byte) 0);
    }
  }

  private ByteBuffer attribute(int type, int length) {
    return room(length + 8).putShort((short) (length + 4)).putShort((short) type);
  }

  int beginNest(int type) {
    attribute(type, 0);
    return out.position() - 4;
  }

  void endNest(int nest) {
    out.putShort(nest, (short) (out.position() - nest));
  }

  void u8(int type, int value) {
    attribute(type, 1).put((byte) value);
    align();
  }

  void u16(int type, int value) {
    attribute(type, 2).putShort((short) value);
    align();
  }

  void be16(int type, int value) {
    u16(type, Short.toUnsignedInt(Short.reverseBytes((short) value)));
  }

  void u32(int type, int value) {
    attribute(type, 4).putInt(value);
  }

  void u64(int type, long value) {
    attribute(type, 8).putLong(value);
  }

  void flags(int type, int flags) {
    attribute(type, 8).putInt(flags).putInt(-1);
  }

  void binary(int type, byte... bytes) {
    attribute(type, bytes.length).put(bytes);
    align();
  }

  void text(int type, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    attribute(type, bytes.length + 1).put(bytes).put((byte) 0);
    align();
  }

  /** Always sixteen bytes; an IPv4 address is in the first four. */
  void address(int type, IpAddress address) {
    ByteBuffer at = attribute(type, 16);
    int end = at.position() + 16;
    address.put(at);
    while (at.position() < end) {
      at.put((byte) 0);
    }
  }
}
