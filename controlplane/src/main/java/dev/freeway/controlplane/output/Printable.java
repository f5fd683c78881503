package dev.freeway.controlplane.output;

/** Text of strangers, made safe to print. */
public final class Printable {
  private Printable() {}

  /**
   * A name or a value without anything that moves a terminal's cursor, colours it or turns its
   * direction: such characters are written as {@code \\u001b}, line ends as {@code \\n}.
   */
  public static String of(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '\n' -> safe.append("\\n");
                case '\r' -> safe.append("\\r");
                case '\t' -> safe.append("\\t");
                default -> {
                  if (turns(point)) {
                    safe.append(String.format("\\u%04x", point));
                  } else {
                    safe.appendCodePoint(point);
                  }
                }
              }
            });
    return safe.toString();
  }

  private static boolean turns(int point) {
    return Character.isISOControl(point)
        || Character.getType(point) == Character.FORMAT
        || Character.getType(point) == Character.LINE_SEPARATOR
        || Character.getType(point) == Character.PARAGRAPH_SEPARATOR
        || Character.getType(point) == Character.SURROGATE;
  }

  /** How many columns of a terminal a text takes: wide characters take two, marks none. */
  public static int columns(String text) {
    return text.codePoints().map(Printable::columns).sum();
  }

  private static int columns(int point) {
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> 0;
      default -> wide(point) ? 2 : 1;
    };
  }

  /** East Asian scripts and pictures, as wcwidth has them. */
  private static boolean wide(int point) {
    return (point >= 0x1100 && point <= 0x115f)
        || (point >= 0x2e80 && point <= 0xa4cf)
        || (point >= 0xac00 && point <= 0xd7a3)
        || (point >= 0xf900 && point <= 0xfaff)
        || (point >= 0xfe30 && point <= 0xfe6f)
        || (point >= 0xff00 && point <= 0xff60)
        || (point >= 0xffe0 && point <= 0xffe6)
        || (point >= 0x1f300 && point <= 0x1faff)
        || (point >= 0x20000 && point <= 0x3fffd);
  }

  /** A text cut to so many columns, an ellipsis at its end where something is missing. */
  public static String cut(String text, int most) {
    if (columns(text) <= most) {
      return text;
    }
    StringBuilder kept = new StringBuilder();
    int used = 1;
    for (int point : text.codePoints().toArray()) {
      used += columns(point);
      if (used > most) {
        break;
      }
      kept.appendCodePoint(point);
    }
    return kept.append('…').toString();
  }
}
