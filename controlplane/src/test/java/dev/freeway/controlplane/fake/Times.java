package dev.freeway.controlplane.fake;

import dev.freeway.controlplane.aws.Member;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Times as answers have them. */
final class Times {
  private Times() {}

  /**
   * A time in its member's format.
   *
   * @param otherwise the protocol's own, one of the SDK's names
   */
  static String text(Member member, String otherwise, Instant time) {
    return switch (format(member, otherwise)) {
      case "ISO_8601" -> time.toString();
      case "RFC_822" -> DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atOffset(ZoneOffset.UTC));
      case "UNIX_TIMESTAMP" ->
          time.getNano() == 0
              ? Long.toString(time.getEpochSecond())
              : "%d.%03d".formatted(time.getEpochSecond(), time.getNano() / 1_000_000);
      case "UNIX_TIMESTAMP_MILLIS" -> Long.toString(time.toEpochMilli());
      case String other -> throw new IllegalArgumentException("a time as " + other);
    };
  }

  static String format(Member member, String otherwise) {
    return member.format().isEmpty() ? otherwise : member.format();
  }
}
