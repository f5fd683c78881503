package dev.freeway.dataplane.core;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write them, on the command line and in annotations alike. */
public final class Durations {
  /** The longest one: in nanoseconds, and added to any clock, it is far from the end of a long. */
  public static final Duration MOST = Duration.ofDays(3650);

  private static final Pattern GRAMMAR = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");

  private Durations() {}

  /**
   * A whole number and its unit: {@code ms}, {@code s}, {@code m}, {@code h} or {@code d}, for
   * example {@code 500ms}, {@code 30s} or {@code 14d}; nothing around them.
   *
   * @throws IllegalArgumentException when it is none, or above {@link #MOST}
   */
  public static Duration parse(String text) {
    Matcher matcher = GRAMMAR.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(text);
    }
    long count = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(count);
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        };
    if (duration.compareTo(MOST) > 0) {
      throw new IllegalArgumentException(text);
    }
    return duration;
  }

  /** The same in the largest unit that has a whole number of it; what is below 1 ms is dropped. */
  public static String text(Duration duration) {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    if (seconds % 3600 != 0) {
      return seconds / 60 + "m";
    }
    return seconds % 86_400 == 0 ? seconds / 86_400 + "d" : seconds / 3600 + "h";
  }
}
