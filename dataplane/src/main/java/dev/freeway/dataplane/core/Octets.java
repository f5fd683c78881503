package dev.freeway.dataplane.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Bytes as a line of text names them: its characters in UTF-8, and {@code \xNN} for any byte,
 * {@code \\} for a backslash. Immutable.
 */
public final class Octets {
  public static final Octets NONE = new Octets(new byte[0]);

  private static final HexFormat HEX = HexFormat.of();

  private final byte[] bytes;

  private Octets(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException when a backslash begins neither of the two escapes
   */
  public static Octets parse(String text) {
    ByteBuffer out = ByteBuffer.allocate(3 * text.length()); // the most that UTF-8 makes of it
    int plain = 0;
    for (int at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', plain)) {
      out.put(text.substring(plain, at).getBytes(StandardCharsets.UTF_8));
      if (text.startsWith("\\\\", at)) {
        out.put((byte) '\\');
        plain = at + 2;
      } else if (text.startsWith("\\x", at)
          && at + 4 <= text.length()
          && HexFormat.isHexDigit(text.charAt(at + 2))
          && HexFormat.isHexDigit(text.charAt(at + 3))) {
        out.put((byte) HexFormat.fromHexDigits(text, at + 2, at + 4));
        plain = at + 4;
      } else {
        throw new IllegalArgumentException(
            "\"" + text + "\": expected \\xNN, two hexadecimal digits, or \\\\ at character " + at);
      }
    }
    out.put(text.substring(plain).getBytes(StandardCharsets.UTF_8));
    return new Octets(Arrays.copyOf(out.array(), out.position()));
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  public int length() {
    return bytes.length;
  }

  /** One byte, 0 to 255. */
  public int at(int index) {
    return Byte.toUnsignedInt(bytes[index]);
  }

  /** A copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Octets octets && Arrays.equals(bytes, octets.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The text that reads as these bytes: printable ASCII without commas and blanks at its ends. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      byte one = bytes[i];
      boolean end = i == 0 || i == bytes.length - 1;
      if (one == '\\') {
        text.append("\\\\");
      } else if (one < ' ' || one > '~' || one == ',' || (end && one == ' ')) {
        text.append("\\x").append(HEX.toHexDigits(one));
      } else {
        text.append((char) one);
      }
    }
    return text.toString();
  }
}
