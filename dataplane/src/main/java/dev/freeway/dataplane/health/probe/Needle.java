package dev.freeway.dataplane.health.probe;

import dev.freeway.dataplane.core.Octets;
import io.netty.buffer.ByteBuf;

/**
 * Looks for bytes in others that come in pieces, without keeping those (Knuth, Morris and Pratt).
 */
final class Needle {
  private final Octets sought;

  /** The length of the longest own prefix that each prefix ends with. */
  private final int[] border;

  private int matched;

  Needle(Octets sought) {
    this.sought = sought;
    border = new int[sought.length()];
    for (int i = 1; i < border.length; i++) {
      border[i] = advance(border[i - 1], sought.at(i));
    }
  }

  private int advance(int from, int next) {
    int at = from;
    while (at > 0 && sought.at(at) != next) {
      at = border[at - 1];
    }
    return sought.at(at) == next ? at + 1 : 0;
  }

  /** Whether the bytes were found by the end of this piece; its indices stay. */
  boolean found(ByteBuf piece, int length) {
    int end = piece.readerIndex() + length;
    for (int i = piece.readerIndex(); i < end && !found(); i++) {
      matched = advance(matched, piece.getUnsignedByte(i));
    }
    return found();
  }

  boolean found() {
    return matched == sought.length();
  }
}
