package dev.freeway.dataplane;

/** Text of others for a line of a terminal: what would move the cursor or turn the line shows. */
final class Printable {
  private Printable() {}

  /**
   * The text where control characters, line ends, marks that turn the direction of writing, and
   * whatever else has no shape stand as Java would write them, for example a backslash and {@code
   * u001b}; a tab, carriage return and line feed as {@code \t}, {@code \r} and {@code \n}. Other
   * text, backslashes too, stays as it is.
   */
  static String of(String text) {
    int at = 0;
    while (at < text.length() && isPlain(text.charAt(at))) {
      at++;
    }
    if (at == text.length()) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16).append(text, 0, at);
    while (at < text.length()) {
      int point = text.codePointAt(at);
      at += Character.charCount(point);
      append(point, escaped);
    }
    return escaped.toString();
  }

  private static boolean isPlain(char character) {
    return character >= ' ' && character < 0x7f;
  }

  private static void append(int point, StringBuilder to) {
    switch (point) {
      case '\t' -> to.append("\\t");
      case '\r' -> to.append("\\r");
      case '\n' -> to.append("\\n");
      default -> {
        switch (Character.getType(point)) {
          case Character.CONTROL,
              Character.FORMAT,
              Character.LINE_SEPARATOR,
              Character.PARAGRAPH_SEPARATOR,
              Character.SURROGATE,
              Character.PRIVATE_USE,
              Character.UNASSIGNED -> {
            for (char half : Character.toChars(point)) {
              to.append(String.format("\\u%04x", (int) half));
            }
          }
          default -> to.appendCodePoint(point);
        }
      }
    }
  }
}
