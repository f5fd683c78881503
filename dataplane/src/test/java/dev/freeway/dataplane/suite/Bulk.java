package dev.freeway.dataplane.suite;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

/**
 * Megabytes that tell whether they arrived: random, in random pieces, and known by a checksum.
 *
 * @param seed of the random bytes
 * @param bytes how many
 */
record Bulk(long seed, int bytes) {
  static final Bulk OF_CLIENT = new Bulk(1, 5_000_000);
  static final Bulk OF_BACKEND = new Bulk(2, 3_000_000);

  private static final int PIECE = 100_000;

  private void write(OutputStream out) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    for (int left = bytes; left > 0; ) {
      byte[] piece = new byte[Math.min(left, 1 + random.nextInt(PIECE))];
      random.nextBytes(piece);
      out.write(piece);
      left -= piece.length;
    }
  }

  /** The checksum of all of it. */
  long sum() {
    ByteArrayOutputStream all = new ByteArrayOutputStream(bytes);
    try {
      write(all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sum(all.toByteArray(), bytes);
  }

  /** The checksum of the first bytes. */
  static long sum(byte[] all, int length) {
    CRC32C sum = new CRC32C();
    sum.update(all, 0, length);
    return sum.getValue();
  }

  /** Sends it on a thread of its own. */
  CompletableFuture<Void> sendingTo(OutputStream out) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            write(out);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        Thread::startVirtualThread);
  }

  /** The checksum of all that comes until the end. */
  static long received(InputStream in) throws IOException {
    CRC32C sum = new CRC32C();
    byte[] piece = new byte[PIECE];
    for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
      sum.update(piece, 0, read);
    }
    return sum.getValue();
  }
}
