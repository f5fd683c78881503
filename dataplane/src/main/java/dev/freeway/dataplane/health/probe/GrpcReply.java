package dev.freeway.dataplane.health.probe;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The body of an answer of {@code grpc.health.v1.Health/Check}: one message with its length before
 * it, of one field {@code ServingStatus status = 1}.
 */
final class GrpcReply {
  /** The longest message that is read; a right one has two bytes. */
  static final int MOST = 1024;

  private static final int PREFIX = 5;
  private static final int UNKNOWN = 0;
  private static final int SERVING = 1;
  private static final int NOT_SERVING = 2;
  private static final int SERVICE_UNKNOWN = 3;

  private final byte[] bytes;
  private int at = PREFIX;

  private GrpcReply(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A message that is not as it has to be; says what is wrong. */
  private static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
      super(message, null, false, false);
    }
  }

  /** What is wrong with an answer, whatever bytes it has; empty when it says SERVING. */
  static Optional<String> wrong(byte[] body) {
    try {
      int status = new GrpcReply(body).status();
      return switch (status) {
        case SERVING -> Optional.empty();
        case UNKNOWN -> Optional.of("gRPC health is UNKNOWN");
        case NOT_SERVING -> Optional.of("gRPC health is NOT_SERVING");
        case SERVICE_UNKNOWN -> Optional.of("gRPC health is SERVICE_UNKNOWN");
        default -> Optional.of("gRPC health is " + status);
      };
    } catch (MalformedException e) {
      return Optional.of("gRPC: " + e.getMessage());
    }
  }

  private int status() throws MalformedException {
    if (bytes.length < PREFIX) {
      throw new MalformedException("no message in the answer");
    }
    if (bytes[0] != 0) {
      throw new MalformedException("a compressed message, which was not asked for");
    }
    long length = Integer.toUnsignedLong(ByteBuffer.wrap(bytes).getInt(1));
    if (length != bytes.length - PREFIX) {
      throw new MalformedException(
          "a message of " + length + " bytes, and " + (bytes.length - PREFIX) + " in the answer");
    }
    int status = UNKNOWN; // what proto3 leaves out
    while (at < bytes.length) {
      long tag = varint();
      if (tag >>> 3 == 0 || tag >>> 32 != 0) {
        throw new MalformedException("not a protocol buffer");
      }
      switch ((int) (tag & 7)) {
        case 0 -> {
          long value = varint();
          if (tag >>> 3 == 1) {
            status = (int) value;
          }
        }
        case 1 -> skip(Long.BYTES);
        case 2 -> skip(varint());
        case 5 -> skip(Integer.BYTES);
        default -> throw new MalformedException("not a protocol buffer");
      }
    }
    return status;
  }

  private void skip(long count) throws MalformedException {
    if (count < 0 || count > bytes.length - at) {
      throw new MalformedException("a message that is cut off");
    }
    at += (int) count;
  }

  private long varint() throws MalformedException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at == bytes.length) {
        throw new MalformedException("a message that is cut off");
      }
      byte next = bytes[at++];
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new MalformedException("not a protocol buffer");
  }
}
