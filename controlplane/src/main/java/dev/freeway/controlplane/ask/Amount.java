package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number and its unit, as "512 MB".
 *
 * @param unit in lower case; empty without one
 * @param words as sentences have it
 */
record Amount(double value, String unit, String words) {
  private static final Pattern NUMBER =
      Phrases.of(
          "(-?\\d[\\d,]*(?:\\.\\d+)?)(k|m|kb|mb|gb|tb|kib|mib|gib|tib|b|s|ms|d|h|%)?(?: (bytes?|kb|mb|gb|tb|kib|mib|gib|tib|gigs?|megabytes?|gigabytes?|terabytes?|kilobytes?|seconds?|secs?|s|minutes?|mins?|hours?|days?|weeks?|months?|years?|million|thousand|billion))?");

  private static final Pattern ONE =
      Phrases.of(
          "(a|an|one|two|three|four|five|six|seven|ten|twelve) (seconds?|minutes?|hours?|days?|weeks?|months?|years?|gb|tb|mb|gigabytes?|terabytes?|megabytes?)");

  /** The one that begins at a word. */
  static Optional<Found<Amount>> at(Question question, int from) {
    Optional<Matcher> found = question.match(from, NUMBER);
    if (found.isEmpty()) {
      return question
          .match(from, ONE)
          .map(
              one -> {
                String number = String.valueOf(Span.number(one.group(1)));
                return new Found<>(
                    new Amount(
                        Double.parseDouble(number), one.group(2), number + " " + one.group(2)),
                    from + 2);
              });
    }
    Matcher match = found.get();
    double value = Double.parseDouble(match.group(1).replace(",", ""));
    String unit =
        match.group(2) != null ? match.group(2) : match.group(3) == null ? "" : match.group(3);
    double times =
        switch (unit) {
          case "k", "thousand" -> 1_000;
          case "m", "million" -> 1_000_000;
          case "billion" -> 1_000_000_000;
          default -> 1;
        };
    String own = times > 1 ? "" : unit;
    String words = match.group(1) + (unit.isEmpty() ? "" : " " + unit);
    return Optional.of(
        new Found<>(new Amount(value * times, own, words), from + Phrases.words(match)));
  }

  boolean isSize() {
    return unit.matches("[kmgt]i?b|b|gigs?|.*bytes?");
  }

  /**
   * That members compare with it.
   *
   * @throws NotUnderstood when they are not in its unit
   */
  Condition compared(Map<ResourceType, Field> members, Expression.Operator operator)
      throws NotUnderstood {
    Map<ResourceType, Field> numbers = new LinkedHashMap<>();
    double factor = 1;
    for (Map.Entry<ResourceType, Field> each : members.entrySet()) {
      if (each.getValue().isNumber() || each.getValue().kind() == Field.Kind.TEXT) {
        numbers.put(each.getKey(), each.getValue());
        factor = factor(each.getValue());
      }
    }
    double number = value * factor;
    String text =
        number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    return new Condition.Of(numbers, operator, Optional.empty(), List.of(text), words);
  }

  private double factor(Field field) throws NotUnderstood {
    if (unit.isEmpty() || unit.equals("%")) {
      return 1;
    }
    if (isSize()) {
      if (field.perGibibyte() == 0) {
        throw new NotUnderstood(unit, field.words() + " is no size");
      }
      return gibibytes() * field.perGibibyte();
    }
    if (field.perDay() == 0) {
      throw new NotUnderstood(unit, field.words() + " is no span of time");
    }
    return days() * field.perDay();
  }

  private double gibibytes() {
    return switch (unit.charAt(0)) {
      case 'k' -> 1.0 / (1 << 20);
      case 'm' -> 1.0 / (1 << 10);
      case 't' -> 1 << 10;
      case 'b' -> 1.0 / (1 << 30);
      default -> 1;
    };
  }

  private double days() {
    return switch (unit.charAt(0)) {
      case 's' -> 1.0 / 86_400;
      case 'm' ->
          unit.startsWith("month") ? 30 : unit.equals("ms") ? 1.0 / 86_400_000 : 1.0 / 1_440;
      case 'h' -> 1.0 / 24;
      case 'w' -> 7;
      case 'y' -> 365;
      default -> 1;
    };
  }
}
