package dev.freeway.dataplane.netlink;

import java.nio.ByteBuffer;

/**
 * The kernel's verdict on one request: {@code struct nlmsgerr} with its extended attributes.
 *
 * @param errno 0 when done, else the positive error number
 * @param message the kernel's own words; empty when it has none
 */
record Acknowledgement(int errno, String message) {
  static final Acknowledgement DONE = new Acknowledgement(0, "");

  private static final int NLMSGERR_ATTR_MSG = 1;
  private static final int NLMSGERR_ATTR_MISS_TYPE = 5;

  /**
   * Reads an {@code NLMSG_ERROR}.
   *
   * @param flags of the message: whether the request is echoed whole, whether attributes follow
   * @throws MalformedMessageException when it is cut off or the number is no error
   */
  static Acknowledgement decodeError(int flags, ByteBuffer payload) {
    int errno = errno(payload);
    if ((flags & Netlink.NLM_F_ACK_TLVS) == 0) {
      return errno == 0 ? DONE : new Acknowledgement(errno, "");
    }
    int skip = 4 + MessageWriter.HEADER_BYTES;
    if ((flags & Netlink.NLM_F_CAPPED) == 0) {
      if (payload.remaining() < skip) {
        throw new MalformedMessageException("error message cut off");
      }
      int echoed = payload.getInt(payload.position() + 4);
      // A refused request comes back whole, unless it was capped: only its header then.
      if (errno != 0 && echoed > MessageWriter.HEADER_BYTES) {
        if (echoed > payload.remaining() - 4) {
          throw new MalformedMessageException("echoed request of " + echoed + " bytes cut off");
        }
        skip = 4 + ((echoed + 3) & ~3);
      }
    }
    return new Acknowledgement(errno, words(payload, skip));
  }

  /** Reads the payload of an {@code NLMSG_DONE}: the dump's own error and attributes. */
  static Acknowledgement decodeDone(int flags, ByteBuffer payload) {
    if (payload.remaining() < 4) {
      return DONE; // RFC 3549 knows no payload here; Linux always sends one
    }
    int errno = errno(payload);
    if ((flags & Netlink.NLM_F_ACK_TLVS) == 0) {
      return errno == 0 ? DONE : new Acknowledgement(errno, "");
    }
    return new Acknowledgement(errno, words(payload, 4));
  }

  private static int errno(ByteBuffer payload) {
    if (payload.remaining() < 4) {
      throw new MalformedMessageException("error number cut off");
    }
    int error = payload.getInt(payload.position());
    if (error > 0 || error < -4095) { // MAX_ERRNO of include/linux/err.h
      throw new MalformedMessageException("error number " + error + ", expected -4095 to 0");
    }
    return -error;
  }

  private static String words(ByteBuffer payload, int skip) {
    if (payload.remaining() < skip) {
      return "";
    }
    AttributeReader attributes = AttributeReader.after(payload, skip);
    String words = "";
    while (attributes.next()) {
      if (attributes.type() == NLMSGERR_ATTR_MSG) {
        words = attributes.string();
      } else if (attributes.type() == NLMSGERR_ATTR_MISS_TYPE && words.isEmpty()) {
        words = "attribute " + attributes.u32() + " is missing";
      }
    }
    return words;
  }

  /** The kernel's own words, else the error's name. */
  String reason() {
    return message.isEmpty() ? Errno.describe(errno) : message + ", " + Errno.describe(errno);
  }
}
