package dev.freeway.dataplane.netlink;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;

/**
 * Writes netlink messages one after another into a direct buffer in the machine's byte order, and
 * allocates nothing while doing so. Lengths are patched in when a message or nest is closed.
 *
 * <p>Netlink is words of four bytes. They are gathered in an array and copied at once: a store into
 * a buffer goes through half a dozen methods, which the JVM's first compiler does not make one of.
 */
public final class MessageWriter {
  /** {@code struct nlmsghdr}: length, type, flags, sequence, port. */
  static final int HEADER_BYTES = 16;

  private static final int FLAGS_OFFSET = 6;

  /** {@code struct nlattr}: length, type. */
  static final int ATTRIBUTE_HEADER_BYTES = 4;

  private static final int NESTED = 1 << 15;
  private static final boolean SWAP = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private static final int GATHERED = 256;

  private final ByteBuffer out;
  private final IntBuffer words;

  /** Words that belong at the buffer's position. */
  private final int[] gathered = new int[GATHERED];

  private int count;
  private int start = -1;
  private int sequence;
  private int portId;

  /**
   * A writer at the buffer's position.
   *
   * @param out in the machine's byte order, at a multiple of four; one that is too small makes the
   *     put-methods or {@link #end()} throw {@link BufferOverflowException}. It holds what was
   *     written after {@link #end()} and {@link #buffer()}
   */
  public MessageWriter(ByteBuffer out) {
    if (out.order() != ByteOrder.nativeOrder()) {
      throw new IllegalArgumentException("netlink speaks the machine's byte order");
    }
    this.out = out;
    this.words = out.duplicate().clear().order(ByteOrder.nativeOrder()).asIntBuffer();
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
    start = position();
    int at = room(4);
    gathered[at] = 0;
    gathered[at + 1] = pair(type, flags);
    gathered[at + 2] = sequence;
    gathered[at + 3] = portId;
  }

  /** Starts a generic-netlink message: {@link #begin} and {@code struct genlmsghdr}. */
  public void beginGeneric(int family, int flags, int command, int version) {
    begin(family, flags);
    word(network((command << 24) | (version << 16)));
  }

  /** Ends the message: its length is known now. */
  public void end() {
    int length = position() - start;
    copy();
    out.putInt(start, length);
    start = -1;
  }

  /** Gives up the message that was begun; the buffer is as it was before. */
  public void abandon() {
    if (start >= 0) {
      count = 0;
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
    int mark = position();
    header(type, 0);
    return mark;
  }

  /** Starts a nest of attributes; returns its mark. */
  public int beginNest(int type) {
    return beginAttribute(type | NESTED);
  }

  /** Ends the attribute or nest that began at the mark, padded to four bytes. */
  public void end(int mark) {
    int length = position() - mark;
    int at = (mark - out.position()) >> 2;
    if (at >= 0) {
      int both = gathered[at];
      gathered[at] = SWAP ? (both & 0xffff0000) | length : (length << 16) | (both & 0xffff);
    } else {
      out.putShort(mark, (short) length);
      pad();
    }
  }

  /** An attribute of one byte. */
  public void putByte(int type, int value) {
    attribute(type, 1, SWAP ? value & 0xff : value << 24);
  }

  /** An attribute of two bytes in the machine's order. */
  public void putShort(int type, int value) {
    attribute(type, 2, pair(value, 0));
  }

  /** An attribute of two bytes in network order, as ports are. */
  public void putNetworkShort(int type, int value) {
    putShort(type, SWAP ? Short.reverseBytes((short) value) : value);
  }

  /** An attribute of four bytes in the machine's order. */
  public void putInt(int type, int value) {
    attribute(type, 4, value);
  }

  /** An attribute of two times four bytes in the machine's order. */
  public void putInts(int type, int first, int second) {
    attribute(type, 8, first);
    word(second);
  }

  /** An attribute of four bytes in network order. */
  public void putNetworkInt(int type, int value) {
    putInt(type, network(value));
  }

  /** An attribute of sixteen bytes in network order, as addresses are. */
  public void putNetworkLongs(int type, long first, long second) {
    int at = room(5);
    gathered[at] = head(type, 16);
    gathered[at + 1] = network((int) (first >>> 32));
    gathered[at + 2] = network((int) first);
    gathered[at + 3] = network((int) (second >>> 32));
    gathered[at + 4] = network((int) second);
  }

  private static int network(int value) {
    return SWAP ? Integer.reverseBytes(value) : value;
  }

  /** An attribute of ASCII text with its closing zero byte. */
  public void putString(int type, String value) {
    int length = value.length() + 1;
    header(type, length);
    for (int from = 0; from < length; from += 4) {
      int word = 0; // the first character in the lowest byte of memory
      for (int i = 0; i < 4; i++) {
        word = (word << 8) | (from + i < value.length() ? value.charAt(from + i) & 0xff : 0);
      }
      word(network(word));
    }
  }

  /** The buffer, for a family's own header or an attribute's payload; all so far is in it. */
  public ByteBuffer buffer() {
    copy();
    return out;
  }

  /** Where the next byte goes. */
  private int position() {
    return out.position() + (count << 2);
  }

  private void word(int value) {
    gathered[room(1)] = value;
  }

  /** Makes room for so many words; returns where the first goes. */
  private int room(int words) {
    if (count + words > GATHERED) {
      copy();
    }
    int at = count;
    count = at + words;
    return at;
  }

  private void copy() {
    if (count > 0) {
      int at = out.position();
      if (out.remaining() < count << 2) {
        throw new BufferOverflowException();
      }
      words.put(at >> 2, gathered, 0, count);
      out.position(at + (count << 2));
      count = 0;
    }
  }

  private void header(int type, int payload) {
    word(head(type, payload));
  }

  private void attribute(int type, int payload, int value) {
    int at = room(2);
    gathered[at] = head(type, payload);
    gathered[at + 1] = value;
  }

  private static int head(int type, int payload) {
    return pair(ATTRIBUTE_HEADER_BYTES + payload, type);
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
