package dev.freeway.controlplane.ask;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Patterns over the words of a question in lower case, with one blank between. */
final class Phrases {
  private Phrases() {}

  /** One that ends where a word ends. */
  static Pattern of(String expression) {
    return Pattern.compile("(?:" + expression + ")(?= |$)");
  }

  /** How many words a match has. */
  static int words(Matcher match) {
    return count(match.group());
  }

  /** How many words a match has up to the end of a group that took part in it. */
  static int words(Matcher match, int group) {
    return count(match.group().substring(0, match.end(group) - match.start()));
  }

  private static int count(String text) {
    String words = text.strip();
    return words.isEmpty() ? 0 : words.split(" ", -1).length;
  }
}
