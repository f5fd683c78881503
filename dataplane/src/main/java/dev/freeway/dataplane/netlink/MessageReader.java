package dev.freeway.dataplane.netlink;

import java.nio.ByteBuffer;

/** Walks the messages of one datagram; whatever the bytes, it ends. */
public final class MessageReader {
  private final ByteBuffer datagram;
  private int next;
  private int start;
  private int end;

  /**
   * A reader before the first message.
   *
   * @param datagram from its position to its limit, in the machine's byte order; not moved
   */
  public MessageReader(ByteBuffer datagram) {
    this.datagram = datagram;
    this.next = datagram.position();
  }

  /**
   * Goes to the next message, if there is one.
   *
   * @throws MalformedMessageException when a length is impossible
   */
  public boolean next() {
    int left = datagram.limit() - next;
    if (left <= 0) {
      return false;
    }
    if (left < MessageWriter.HEADER_BYTES) {
      throw new MalformedMessageException("netlink header cut off after " + left + " bytes");
    }
    int length = datagram.getInt(next);
    if (length < MessageWriter.HEADER_BYTES || length > left) {
      throw new MalformedMessageException(
          "netlink message says it has " + length + " bytes, " + left + " are there");
    }
    start = next;
    end = start + length;
    next = (int) Math.min((end + 3L) & ~3L, datagram.limit());
    return true;
  }

  /** {@code nlmsg_type}. */
  public int type() {
    return datagram.getShort(start + 4) & 0xffff;
  }

  /** {@code nlmsg_flags}. */
  public int flags() {
    return datagram.getShort(start + 6) & 0xffff;
  }

  /** {@code nlmsg_seq}. */
  public int sequence() {
    return datagram.getInt(start + 8);
  }

  /** {@code nlmsg_pid}: the port it is meant for. */
  public int portId() {
    return datagram.getInt(start + 12);
  }

  /** What follows the header: a view of the datagram's bytes, in the machine's order. */
  public ByteBuffer payload() {
    return datagram
        .slice(start + MessageWriter.HEADER_BYTES, end - start - MessageWriter.HEADER_BYTES)
        .order(datagram.order());
  }
}
