package dev.freeway.dataplane.netlink;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Walks a row of attributes. Every access is checked against the attribute's own length; whatever
 * the bytes, the walk ends. The kernel's IPVS sets no nested flag, so the two flag bits of a type
 * are masked away.
 */
public final class AttributeReader {
  private static final int TYPE_MASK = 0x3fff;

  private final ByteBuffer bytes;
  private int next;
  private int start;
  private int length;

  /**
   * A reader before the first attribute.
   *
   * @param bytes from its position to its limit, in the machine's byte order; not moved
   */
  public AttributeReader(ByteBuffer bytes) {
    this.bytes = bytes;
    this.next = bytes.position();
  }

  private AttributeReader(ByteBuffer bytes, int offset) {
    this.bytes = bytes;
    this.next = offset;
  }

  /**
   * A reader of the attributes behind a fixed header.
   *
   * @param payload a message's payload
   * @param header bytes of the family's own header
   * @throws MalformedMessageException when the payload is shorter than that
   */
  public static AttributeReader after(ByteBuffer payload, int header) {
    if (payload.remaining() < header) {
      throw new MalformedMessageException(
          "header of " + header + " bytes cut off after " + payload.remaining());
    }
    return new AttributeReader(payload, payload.position() + header);
  }

  /**
   * Goes to the next attribute, if there is one; fewer than four bytes at the end are padding.
   *
   * @throws MalformedMessageException when a length is impossible
   */
  public boolean next() {
    int left = bytes.limit() - next;
    if (left < MessageWriter.ATTRIBUTE_HEADER_BYTES) {
      return false;
    }
    int whole = bytes.getShort(next) & 0xffff;
    if (whole < MessageWriter.ATTRIBUTE_HEADER_BYTES || whole > left) {
      throw new MalformedMessageException(
          "attribute says it has " + whole + " bytes, " + left + " are there");
    }
    start = next;
    length = whole - MessageWriter.ATTRIBUTE_HEADER_BYTES;
    next = Math.min(start + ((whole + 3) & ~3), bytes.limit());
    return true;
  }

  /** The attribute's number. */
  public int type() {
    return bytes.getShort(start + 2) & TYPE_MASK;
  }

  /** Bytes of its payload. */
  public int length() {
    return length;
  }

  /** The payload's first byte, unsigned. */
  public int u8() {
    return bytes.get(value(1)) & 0xff;
  }

  /** The payload's first two bytes in the machine's order, unsigned. */
  public int u16() {
    return bytes.getShort(value(2)) & 0xffff;
  }

  /** The payload's first two bytes in network order, unsigned. */
  public int networkU16() {
    int at = value(2);
    return ((bytes.get(at) & 0xff) << 8) | (bytes.get(at + 1) & 0xff);
  }

  /** The payload's first four bytes in the machine's order. */
  public int u32() {
    return bytes.getInt(value(4));
  }

  /** The payload's first four bytes in network order. */
  public int networkU32() {
    return networkInt(0);
  }

  /** Four bytes of the payload from an offset, in the machine's order. */
  public int u32(int offset) {
    return bytes.getInt(value(offset + 4) + offset);
  }

  /** Four bytes of the payload from an offset, in network order. */
  public int networkInt(int offset) {
    int at = value(offset + 4) + offset;
    return ((bytes.get(at) & 0xff) << 24)
        | ((bytes.get(at + 1) & 0xff) << 16)
        | ((bytes.get(at + 2) & 0xff) << 8)
        | (bytes.get(at + 3) & 0xff);
  }

  /** Eight bytes of the payload from an offset, in network order. */
  public long networkLong(int offset) {
    return ((long) networkInt(offset) << 32) | (networkInt(offset + 4) & 0xffffffffL);
  }

  /** The payload's first eight bytes in the machine's order. */
  public long u64() {
    return bytes.getLong(value(8));
  }

  /** The payload up to its first zero byte, as UTF-8; bytes that are none are replaced. */
  public String string() {
    byte[] copy = new byte[length];
    bytes.get(value(0), copy);
    int zero = 0;
    while (zero < copy.length && copy[zero] != 0) {
      zero++;
    }
    return new String(copy, 0, zero, StandardCharsets.UTF_8);
  }

  /** A copy of the payload. */
  public byte[] copy() {
    byte[] copy = new byte[length];
    bytes.get(value(0), copy);
    return copy;
  }

  /** A reader of the attributes within. */
  public AttributeReader nested() {
    return new AttributeReader(payload());
  }

  /** A view of the payload's bytes, in the machine's order. */
  public ByteBuffer payload() {
    return bytes.slice(value(0), length).order(bytes.order());
  }

  private int value(int needed) {
    if (length < needed) {
      throw new MalformedMessageException(
          "attribute " + type() + " has " + length + " bytes, expected " + needed);
    }
    return start + MessageWriter.ATTRIBUTE_HEADER_BYTES;
  }
}
