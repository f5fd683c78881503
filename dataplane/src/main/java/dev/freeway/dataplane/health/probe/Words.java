package dev.freeway.dataplane.health.probe;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;

/** Parts of reasons. */
final class Words {
  /** Of what a backend says, as much as a line of a log has room for. */
  private static final int MOST = 64;

  /** Of what a library says of it, which names things first and cites then. */
  private static final int MOST_PLAIN = 200;

  private static final HexFormat HEX = HexFormat.of();

  private Words() {}

  /** Such as {@code 1 s} or {@code 500 ms}. */
  static String time(Duration duration) {
    long millis = duration.toMillis();
    return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
  }

  /** What others sent, in quotes: printable ASCII, the rest as {@code \xNN}, cut. */
  static String quoted(byte[] bytes) {
    StringBuilder text = new StringBuilder("\"");
    escape(bytes, MOST, text);
    return text.append('"').toString();
  }

  /** The same of text, such as a header's value; empty for null. */
  static String quoted(CharSequence text) {
    return quoted(head(text, MOST));
  }

  /** The same without quotes. */
  static String plain(CharSequence text) {
    StringBuilder out = new StringBuilder();
    escape(head(text, MOST_PLAIN), MOST_PLAIN, out);
    return out.toString();
  }

  private static byte[] head(CharSequence text, int most) {
    return text.subSequence(0, Math.min(text.length(), most + 1))
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void escape(byte[] bytes, int most, StringBuilder into) {
    for (int i = 0; i < bytes.length; i++) {
      if (i == most) {
        into.append("...");
        return;
      }
      byte one = bytes[i];
      if (one < ' ' || one > '~' || one == '"' || one == '\\') {
        into.append("\\x").append(HEX.toHexDigits(one));
      } else {
        into.append((char) one);
      }
    }
  }
}
