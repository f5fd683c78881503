package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Words as they are compared: lower case, singular and plural the same. Not for people to read. */
final class Stems {
  private static final Map<String, String> SHORT =
      Map.of(
          "https", "https", "ips", "ip", "vms", "vm", "dbs", "db", "azs", "az", "mbs", "mb", "gbs",
          "gb");
  private static final Pattern PARTS = Pattern.compile("[-_:/.,()]+");
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern CAMEL =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

  private Stems() {}

  /** Of one word. */
  static String of(String word) {
    String stem = word.toLowerCase(Locale.ROOT);
    if (stem.length() <= 3
        || stem.equals("https")
        || stem.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
      return SHORT.getOrDefault(stem, stem);
    }
    if (stem.endsWith("ies") && stem.length() > 4) {
      return stem.substring(0, stem.length() - 3) + "y";
    }
    stem = withoutEnd(stem);
    if (stem.endsWith("se")
        || stem.endsWith("xe")
        || stem.endsWith("che")
        || stem.endsWith("she")) {
      stem = withoutEnd(stem.substring(0, stem.length() - 1));
    }
    return stem;
  }

  private static String withoutEnd(String word) {
    int end = word.length();
    while (end > 2 && word.charAt(end - 1) == 's') {
      end--;
    }
    return word.substring(0, end);
  }

  /** Of every part of a phrase, with blanks between. */
  static String phrase(String text) {
    return String.join(" ", words(text));
  }

  /** Of every part of a text: at blanks, hyphens, underscores, colons, slashes and dots. */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String blank : BLANKS.split(text.strip(), -1)) {
      for (String part : PARTS.split(blank, -1)) {
        if (!part.isEmpty()) {
          words.add(of(part));
        }
      }
    }
    return words;
  }

  /** The words of a member's name, as {@code DBInstanceClass}. */
  static List<String> camel(String member) {
    List<String> words = new ArrayList<>();
    for (String part : PARTS.split(member, -1)) {
      for (String word : CAMEL.split(part, -1)) {
        if (!word.isEmpty()) {
          words.add(of(word));
        }
      }
    }
    return words;
  }
}
