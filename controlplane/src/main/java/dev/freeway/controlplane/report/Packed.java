package dev.freeway.controlplane.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
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

  private static final class Smallest extends GZIPOutputStream {
    Smallest(OutputStream out) throws IOException {
      super(out, 1 << 16);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }

  static byte[] of(Json json) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new Smallest(bytes)) {
      json.to(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] of(String json) {
    return of(out -> out.write(json.getBytes(StandardCharsets.UTF_8)));
  }

  static String text(byte[] packed) {
    return Base64.getEncoder().encodeToString(packed);
  }
}
