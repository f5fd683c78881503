package dev.freeway.dataplane.kernel;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The attributes of one message or nest, by type, as the kernel's {@code nla_parse_deprecated}
 * finds them: the last of equal ones counts, unknown ones and a broken rest are passed over.
 * Written apart from the product's decoder, to be a witness against it. Reused between messages.
 */
final class Attributes {
  private static final int HEADER = 4;
  private static final int TYPE_MASK = 0x3fff;

  /** What the kernel's policy asks of an attribute's length. */
  enum Policy {
    ANY(0),
    U8(1),
    U16(2),
    U32(4),
    /** Nothing, or at least one attribute's header. */
    NEST(0),
    /** At most the sixteen bytes of an address. */
    ADDRESS(0),
    /** At most the eight bytes of {@code struct ip_vs_flags}. */
    FLAGS(0),
    /** A terminated string of at most 15 characters. */
    NAME(0),
    /** A terminated string of at most 16 characters. */
    LONG_NAME(0);

    private final int least;

    Policy(int least) {
      this.least = least;
    }

    boolean accepts(ByteBuffer in, int at, int length) {
      return switch (this) {
        case ANY, U8, U16, U32 -> length >= least;
        case NEST -> length == 0 || length >= HEADER;
        case ADDRESS -> length <= 16;
        case FLAGS -> length <= 8;
        case NAME -> terminated(in, at, length, 15);
        case LONG_NAME -> terminated(in, at, length, 16);
      };
    }

    private static boolean terminated(ByteBuffer in, int at, int length, int most) {
      for (int i = 0; i < Math.min(length, most + 1); i++) {
        if (in.get(at + i) == 0) {
          return length - (in.get(at + length - 1) == 0 ? 1 : 0) <= most;
        }
      }
      return false;
    }
  }

  private final Policy[] policy;
  private final int[] offsets;
  private final int[] lengths;
  private ByteBuffer in = ByteBuffer.allocate(0);

  /** For types 1 to the policy's length. */
  Attributes(Policy... policy) {
    this.policy = policy;
    this.offsets = new int[policy.length + 1];
    this.lengths = new int[policy.length + 1];
  }

  /** Reads the attributes in a range; false when one breaks the policy. */
  boolean parse(ByteBuffer from, int begin, int end) {
    in = from;
    Arrays.fill(offsets, -1);
    int at = begin;
    while (end - at >= HEADER) {
      int length = Short.toUnsignedInt(in.getShort(at));
      if (length < HEADER || length > end - at) {
        break;
      }
      int type = in.getShort(at + 2) & TYPE_MASK;
      if (type > 0 && type < offsets.length) {
        if (!policy[type - 1].accepts(in, at + HEADER, length - HEADER)) {
          return false;
        }
        offsets[type] = at + HEADER;
        lengths[type] = length - HEADER;
      }
      at += (length + 3) & ~3;
    }
    return true;
  }

  /** Reads the attributes nested in one of the outer ones. */
  boolean parseNested(Attributes outer, int type) {
    return outer.has(type)
        && parse(outer.in, outer.offsets[type], outer.offsets[type] + outer.lengths[type]);
  }

  boolean has(int type) {
    return offsets[type] >= 0;
  }

  int offset(int type) {
    return offsets[type];
  }

  int u8(int type) {
    return Byte.toUnsignedInt(in.get(offsets[type]));
  }

  int u16(int type) {
    return Short.toUnsignedInt(in.getShort(offsets[type]));
  }

  int be16(int type) {
    return Short.toUnsignedInt(Short.reverseBytes(in.getShort(offsets[type])));
  }

  int u32(int type) {
    return in.getInt(offsets[type]);
  }

  int u32(int type, int otherwise) {
    return has(type) ? u32(type) : otherwise;
  }

  int u8(int type, int otherwise) {
    return has(type) ? u8(type) : otherwise;
  }

  /** A word at a distance into the attribute; 0 where it ends before. */
  int word(int type, int distance) {
    int value = 0;
    for (int i = 0; i < 4 && distance + i < lengths[type]; i++) {
      value |= Byte.toUnsignedInt(in.get(offsets[type] + distance + i)) << (8 * i);
    }
    return value;
  }

  /** An address of the family; bytes that are missing are 0, as {@code nla_memcpy} leaves them. */
  IpAddress address(int type, Family family) {
    int first = Integer.reverseBytes(word(type, 0));
    if (family == Family.IPV4) {
      return new IpAddress(family, 0, Integer.toUnsignedLong(first));
    }
    long high = ((long) first << 32) | Integer.toUnsignedLong(Integer.reverseBytes(word(type, 4)));
    long low =
        ((long) Integer.reverseBytes(word(type, 8)) << 32)
            | Integer.toUnsignedLong(Integer.reverseBytes(word(type, 12)));
    return new IpAddress(family, high, low);
  }

  String text(int type) {
    int length = 0;
    while (length < lengths[type] && in.get(offsets[type] + length) != 0) {
      length++;
    }
    byte[] bytes = new byte[length];
    in.get(offsets[type], bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
