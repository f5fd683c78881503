package dev.freeway.dataplane.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes netlink messages one after another into a direct buffer in the machine's byte order, and
 * allocates nothing while doing so. Lengths are patched in when a message or nest is closed.
 */
public final class MessageWriter {
  /** {@code struct nlmsghdr}: length, type, flags, sequence, port. */
  static final int HEADER_BYTES = 16;

  private static final int FLAGS_OFFSET = 6;

  /** {@code struct nlattr}: length, type. */
  static final int ATTRIBUTE_HEADER_BYTES = 4;

  private static final int NESTED = 1 << 15;
  private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private final ByteBuffer out;
  private int start = -1;
  private int sequence;
  private int portId;

  /**
   * A writer at the buffer's position.
   *
   * @param out in the machine's byte order; one that is too small makes the put-methods throw
   *     {@link java.nio.BufferOverflowException}
   */
  public MessageWriter(ByteBuffer out) {
    if (out.order() != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException("netlink speaks the machine's byte order");
    }
    this.out = out;
  }

  /** Sets what the next message's header carries: its sequence number and the sender's port. */
  public void address(int sequence, int portId) {
    this.sequence = sequence;
    this.portId = portId;
  }

  /**
   * Starts a message.
   *
   * @param type {@code nlmsg_type}: for generic netlink the family's number
   * @param flags {@code NLM_F_*}; see {@link Netlink}
   */
  public void begin(int type, int flags) {
    if (start >= 0) {
      throw new IllegalStateException("the last message was not ended");
    }
    start = out.position();
    out.putInt(0).putInt(pair(type, flags)).putInt(sequence).putInt(portId);
  }

  /** Starts a generic-netlink message: {@link #begin} and {@code struct genlmsghdr}. */
  public void beginGeneric(int family, int flags, int command, int version) {
    begin(family, flags);
    out.put((byte) command).put((byte) version).putShort((short) 0);
  }

  /** Ends the message: its length is known now. */
  public void end() {
    out.putInt(start, out.position() - start);
    start = -1;
  }

  /** Gives up the message that was begun; the buffer is as it was before. */
  public void abandon() {
    if (start >= 0) {
      out.position(start);
      start = -1;
    }
  }

  /** Lets a written message no longer ask for an acknowledgement; a refusal is answered anyway. */
  static void acknowledgeNot(ByteBuffer messages, int start) {
    int at = start + FLAGS_OFFSET;
    messages.putShort(at, (short) (messages.getShort(at) & ~Netlink.NLM_F_ACK));
  }

  /** Whether a message is begun and not ended. */
  boolean open() {
    return start >= 0;
  }

  /** Starts an attribute whose payload the caller puts into {@link #buffer()}; returns its mark. */
  public int beginAttribute(int type) {
    int mark = out.position();
    header(type, 0);
    return mark;
  }

  /** Starts a nest of attributes; returns its mark. */
  public int beginNest(int type) {
    return beginAttribute(type | NESTED);
  }

  /** Ends the attribute or nest that began at the mark, padded to four bytes. */
  public void end(int mark) {
    out.putShort(mark, (short) (out.position() - mark));
    pad();
  }

  /** An attribute of one byte. */
  public void putByte(int type, int value) {
    header(type, 1);
    out.putInt(SWAP ? value & 0xff : value << 24);
  }

  /** An attribute of two bytes in the machine's order. */
  public void putShort(int type, int value) {
    header(type, 2);
    out.putInt(pair(value, 0));
  }

  /** An attribute of two bytes in network order, as ports are. */
  public void putNetworkShort(int type, int value) {
    putShort(type, SWAP ? Short.reverseBytes((short) value) : value);
  }

  /** An attribute of four bytes in the machine's order. */
  public void putInt(int type, int value) {
    header(type, 4);
    out.putInt(value);
  }

  /** An attribute of four bytes in network order. */
  public void putNetworkInt(int type, int value) {
    putInt(type, SWAP ? Integer.reverseBytes(value) : value);
  }

  /** An attribute of ASCII text with its closing zero byte. */
  public void putString(int type, String value) {
    header(type, value.length() + 1);
    for (int i = 0; i < value.length(); i++) {
      out.put((byte) value.charAt(i));
    }
    out.put((byte) 0);
    pad();
  }

  /** The buffer, for a family's own header or an attribute's payload. */
  public ByteBuffer buffer() {
    return out;
  }

  private void header(int type, int payload) {
    out.putInt(pair(ATTRIBUTE_HEADER_BYTES + payload, type));
  }

  /** Two 16-bit numbers, one after the other in memory: half the stores of one by one. */
  private static int pair(int first, int second) {
    return SWAP ? (first & 0xffff) | (second << 16) : (first << 16) | (second & 0xffff);
  }

  private void pad() {
    while ((out.position() & 3) != 0) {
      out.put((byte) 0);
    }
  }
}
