package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.HealthCheck.Question;
import dev.freeway.dataplane.core.HealthCheck.RecordType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A question of DNS, and what is wrong with an answer to it (RFC 1035, 4.1). Only as much is read
 * as that takes; the pointers of a name may only lead backwards, so that every name ends.
 */
final class DnsMessage {
  private static final int HEADER = 12;
  private static final int MOST_NAME = 255;
  private static final int IN = 1;
  private static final int CODES = 0x0f;

  private static final List<String> NAMES =
      List.of("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED");

  private final ByteBuffer message;

  private DnsMessage(byte[] datagram) {
    message = ByteBuffer.wrap(datagram);
  }

  /** A message that is not as it has to be; says what is wrong. */
  private static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * A datagram that asks, recursion desired.
   *
   * @param id 0 to 65535, which the answer repeats
   */
  static byte[] question(Question.Lookup asked, int id) {
    ByteBuffer out = ByteBuffer.allocate(HEADER + MOST_NAME + 4);
    out.putShort((short) id).putShort((short) 0x0100).putShort((short) 1);
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    for (String label : asked.name().split("\\.", -1)) {
      out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.put((byte) 0).putShort((short) asked.type().number()).putShort((short) IN);
    byte[] datagram = new byte[out.position()];
    out.flip().get(datagram);
    return datagram;
  }

  /** Whether a datagram has this number. */
  static boolean has(int id, byte[] datagram) {
    return datagram.length >= 2 && ByteBuffer.wrap(datagram).getShort() == (short) id;
  }

  /** What is wrong with an answer, whatever bytes it has; empty when it has a record as asked. */
  static Optional<String> wrong(Question.Lookup asked, byte[] answer) {
    try {
      return new DnsMessage(answer).wrong(asked);
    } catch (MalformedException e) {
      return Optional.of("not an answer of DNS: " + e.getMessage());
    }
  }

  private Optional<String> wrong(Question.Lookup asked) throws MalformedException {
    need(HEADER);
    message.getShort();
    int flags = message.getShort();
    if ((flags & 0x8000) == 0) {
      throw new MalformedException("a question");
    }
    int code = flags & CODES;
    if (code != 0) {
      return Optional.of(
          "DNS answers " + (code < NAMES.size() ? NAMES.get(code) : "error " + code));
    }
    int questions = message.getShort() & 0xffff;
    int answers = message.getShort() & 0xffff;
    message.position(HEADER);
    if (questions != 1
        || !name().equals(asked.name().toLowerCase(Locale.ROOT))
        || number() != asked.type().number()
        || number() != IN) {
      throw new MalformedException("it repeats another question");
    }
    for (int i = 0; i < answers; i++) {
      name();
      int type = number();
      int kind = number();
      need(Integer.BYTES);
      message.getInt();
      int length = number();
      need(length);
      message.position(message.position() + length);
      if (type == asked.type().number() && kind == IN) {
        return length == (asked.type() == RecordType.A ? 4 : 16)
            ? Optional.empty()
            : Optional.of("DNS answers with a record " + type + " of " + length + " bytes");
      }
    }
    return Optional.of("DNS answers without a record " + asked.type());
  }

  private int number() throws MalformedException {
    need(Short.BYTES);
    return message.getShort() & 0xffff;
  }

  private void need(int bytes) throws MalformedException {
    if (message.remaining() < bytes) {
      throw new MalformedException("it is cut off");
    }
  }

  /** Reads a name, in lower case, and goes behind it. */
  private String name() throws MalformedException {
    StringBuilder name = new StringBuilder();
    int at = message.position();
    int behind = -1;
    int before = at; // where the next pointer has to lead to less than
    while (true) {
      int length = at < message.limit() ? message.get(at) & 0xff : -1;
      if (length == 0) {
        message.position(behind < 0 ? at + 1 : behind);
        return name.toString();
      }
      if (length >= 0xc0) {
        int to = at + 1 < message.limit() ? message.getShort(at) & 0x3fff : -1;
        if (to < 0) {
          throw new MalformedException("it is cut off");
        }
        if (to >= before) {
          throw new MalformedException("a name that points to itself");
        }
        behind = behind < 0 ? at + 2 : behind;
        at = to;
        before = to;
        continue;
      }
      if (length < 0 || at + 1 + length > message.limit()) {
        throw new MalformedException("it is cut off");
      }
      if (length > 63 || name.length() + length + 1 >= MOST_NAME) {
        throw new MalformedException("a name that is too long");
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      for (int i = at + 1; i <= at + length; i++) {
        char one = (char) (message.get(i) & 0xff);
        name.append(one >= 'A' && one <= 'Z' ? (char) (one + 32) : one);
      }
      at += 1 + length;
    }
  }
}
