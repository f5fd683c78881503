package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Words as they are compared: lower case, singular and plural the same. Not for people to read. */
final class Stems {
  private static final Map<String, String> SHORT =
      Map.ofEntries(
          Map.entry("https", "https"),
          Map.entry("ips", "ip"),
          Map.entry("vms", "vm"),
          Map.entry("dbs", "db"),
          Map.entry("azs", "az"),
          Map.entry("mbs", "mb"),
          Map.entry("gbs", "gb"),
          Map.entry("sgs", "sg"),
          Map.entry("lbs", "lb"),
          Map.entry("ous", "ou"),
          Map.entry("s3s", "s3"),
          Map.entry("rdss", "rds"),
          Map.entry("ebss", "ebs"),
          Map.entry("efss", "efs"),
          Map.entry("ekss", "eks"),
          Map.entry("rdses", "rds"));
  private static final Pattern PARTS = Pattern.compile("[-_:/.,()]+");
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern CAMEL =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

  private Stems() {}

  /** Of one word. */
  static String of(String word) {
    String stem = word.toLowerCase(Locale.ROOT);
    String known = SHORT.get(stem);
    if (known != null) {
      return known;
    }
    if (stem.length() <= 3 || stem.chars().noneMatch(c -> c >= 'a' && c <= 'z')) {
      return stem;
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
