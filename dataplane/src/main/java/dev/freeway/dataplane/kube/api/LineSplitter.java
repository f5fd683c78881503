package dev.freeway.dataplane.kube.api;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Bytes to lines, whatever pieces they come in. What has no end yet waits for it; when the
 * connection ends first, it is dropped: half an event is none.
 */
final class LineSplitter {
  /** A whole line, without its end. */
  @FunctionalInterface
  interface Sink {
    void line(byte[] bytes, int offset, int length);
  }

  /** Larger than any object that etcd takes (1.5 MB), written out as JSON. */
  private static final int LONGEST = 64 << 20;

  private byte[] held = new byte[8192];
  private int length;

  /**
   * Takes in bytes.
   *
   * @throws IllegalStateException when a line is longer than any object can be
   */
  void take(ByteBuffer bytes, Sink sink) {
    int scanned = length;
    hold(bytes);
    int start = 0;
    for (int i = scanned; i < length; i++) {
      if (held[i] == '\n') {
        if (i > start) {
          sink.line(held, start, i - start);
        }
        start = i + 1;
      }
    }
    System.arraycopy(held, start, held, 0, length - start);
    length -= start;
  }

  /** Takes in bytes, whatever their lines. */
  void hold(ByteBuffer bytes) {
    int count = bytes.remaining();
    if (length + count > LONGEST) {
      throw new IllegalStateException("more than " + LONGEST + " bytes without an end");
    }
    if (length + count > held.length) {
      held = Arrays.copyOf(held, Math.max(length + count, 2 * held.length));
    }
    bytes.get(held, length, count);
    length += count;
  }

  /** Everything that waits for its end, and from now on nothing does. */
  byte[] rest() {
    byte[] rest = Arrays.copyOf(held, length);
    length = 0;
    return rest;
  }
}
