package dev.freeway.controlplane.diff;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A time as people give it. */
public final class PointInTime {
  private static final Pattern AGO = Pattern.compile("(\\d{1,5})([mhdw])");

  private PointInTime() {}

  /**
   * Reads {@code 2026-01-31}, {@code 2026-01-31T10:00}, the same with seconds or an offset, {@code
   * 7d} (days ago; m, h, d, w), {@code yesterday}, {@code today}, {@code now}.
   *
   * @param end whether a day stands for its end; else for its beginning
   * @param zone of days and of times without an offset
   * @throws IllegalArgumentException when it is none of these
   */
  public static Instant parse(String text, boolean end, Instant now, ZoneId zone) {
    String plain = text.strip().toLowerCase(Locale.ROOT);
    LocalDate today = LocalDate.ofInstant(now, zone);
    Matcher ago = AGO.matcher(plain);
    if (ago.matches()) {
      long count = Long.parseLong(ago.group(1));
      return now.minus(
          switch (ago.group(2)) {
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            case "d" -> Duration.ofDays(count);
            default -> Duration.ofDays(7 * count);
          });
    }
    try {
      return switch (plain) {
        case "now" -> now;
        case "today" -> day(today, end, zone);
        case "yesterday" -> day(today.minusDays(1), end, zone);
        default -> exact(text.strip().replace(' ', 'T'), end, zone);
      };
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "expected a day as 2026-01-31, a time as 2026-01-31T10:00, 7d for days ago (m, h, d, w),"
              + " yesterday, today or now",
          e);
    }
  }

  private static Instant day(LocalDate day, boolean end, ZoneId zone) {
    Instant begins = day.atStartOfDay(zone).toInstant();
    return end ? day.plusDays(1).atStartOfDay(zone).toInstant().minusMillis(1) : begins;
  }

  private static Instant exact(String text, boolean end, ZoneId zone) {
    if (!text.contains("T")) {
      return day(LocalDate.parse(text), end, zone);
    }
    return text.matches(".*(?:[Zz]|[+-]\\d{2}:?\\d{2})")
        ? OffsetDateTime.parse(text).toInstant()
        : LocalDateTime.parse(text).atZone(zone).toInstant();
  }
}
