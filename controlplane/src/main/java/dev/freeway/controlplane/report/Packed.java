package dev.freeway.controlplane.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** JSON as a page can carry it: gzip, then base64, which has no character that HTML knows. */
final class Packed {
  private Packed() {}

  /** What writes JSON. */
  interface Json {
    void to(OutputStream out) throws IOException;
  }

  private static final class Gzip extends GZIPOutputStream {
    Gzip(OutputStream out, boolean small) throws IOException {
      super(out, 1 << 16);
      def.setLevel(small ? Deflater.BEST_COMPRESSION : Deflater.BEST_SPEED);
    }
  }

  static byte[] of(Json json, boolean small) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new Gzip(bytes, small)) {
      json.to(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static String text(byte[] packed) {
    return Base64.getEncoder().encodeToString(packed);
  }
}
