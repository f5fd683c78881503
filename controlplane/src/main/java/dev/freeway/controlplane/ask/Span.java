package dev.freeway.controlplane.ask;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Month;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stretch of time as people say it, in UTC.
 *
 * @param words as sentences have it
 * @param tokens how many of the question's it takes
 */
record Span(Optional<Instant> from, Optional<Instant> to, String words, int tokens) {
  private static final String WITHIN_WORDS = "within the last ";
  private static final String UNIT = "(minute|hour|day|week|fortnight|month|quarter|year)s?";
  private static final String MONTHS =
      "january|february|march|april|may|june|july|august|september|october|november|december";
  private static final String DATE =
      "(\\d{4}-\\d\\d-\\d\\d|\\d{4}-\\d\\d|yesterday|today|now|last week|last month|last year|(?:last )?(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|(?:"
          + MONTHS
          + ") \\d{4}|\\d{4}|"
          + MONTHS
          + ")";
  private static final String NUMBER = "(\\d+|a|an|one|two|three|four|five|six|seven|ten|twelve)";

  /** The one before this, from its first day to its last: not "in the last month". */
  private static final Pattern CALENDAR = Phrases.of("(last (?:week|month|year))");

  private static final Pattern LAST =
      Phrases.of(
          "(?:(?:in|within|during|over|for|from) )?(?:the )?(?:last|past|previous) (?:"
              + NUMBER
              + " )?"
              + UNIT);
  private static final Pattern WITHIN =
      Phrases.of(
          "(?:in|within|for|during|inside) (?:under |more than |over |at least |longer than )?"
              + NUMBER
              + " "
              + UNIT);
  private static final Pattern NEXT =
      Phrases.of(
          "(?:(?:in|within|during|over) )?(?:the )?(?:next|coming|following) (?:"
              + NUMBER
              + " )?"
              + UNIT);
  private static final Pattern AGO =
      Phrases.of(
          "(?:(more than|over|less than|under|at least|fewer than|longer than|within|earlier than|before|after|since) )?"
              + NUMBER
              + " "
              + UNIT
              + " (?:ago|old)");
  private static final Pattern AGE =
      Phrases.of("(older|younger|newer|more recent|longer ago) than " + NUMBER + " " + UNIT);
  private static final Pattern AGE_DATE =
      Phrases.of("(older|younger|newer|more recent) than " + DATE);
  private static final Pattern SINCE =
      Phrases.of("(before|after|since|until|on|from|prior to|in|during) " + DATE);
  private static final Pattern BETWEEN = Phrases.of("between " + DATE + " and " + DATE);
  private static final Pattern THIS = Phrases.of("(?:in )?this (week|month|year|quarter)");
  private static final Pattern DAY = Phrases.of("(today|yesterday|recently|lately)");
  private static final Pattern MONTH = Pattern.compile(MONTHS);
  private static final Pattern IN_MONTH = Phrases.of("in (" + MONTHS + ")");

  /** Where a text begins with one. */
  static Optional<Span> of(String text, Instant now) {
    LocalDate today = now.atZone(ZoneOffset.UTC).toLocalDate();
    Matcher match = CALENDAR.matcher(text);
    if (match.lookingAt()) {
      return Optional.of(side("in", days(match.group(1), today), Phrases.words(match)));
    }
    match = LAST.matcher(text);
    if (match.lookingAt()) {
      String said = number(match.group(1)) + " " + match.group(2) + "s";
      return Optional.of(
          new Span(
              Optional.of(minus(now, number(match.group(1)), match.group(2))),
              Optional.empty(),
              "in the last " + said,
              Phrases.words(match)));
    }
    match = NEXT.matcher(text);
    if (match.lookingAt()) {
      long many = number(match.group(1));
      return Optional.of(
          new Span(
              Optional.of(now),
              Optional.of(minus(now, -many, match.group(2))),
              "in the next " + many + " " + match.group(2) + "s",
              Phrases.words(match)));
    }
    match = BETWEEN.matcher(text);
    if (match.lookingAt()) {
      LocalDate[] second = days(match.group(2), today);
      LocalDate[] first = days(match.group(1), today);
      first = before(match.group(1), second[0], first);
      return Optional.of(
          new Span(
              Optional.of(start(first[0])),
              Optional.of(start(second[1])),
              "between " + first[0] + " and " + second[1].minusDays(1),
              Phrases.words(match)));
    }
    match = AGO.matcher(text);
    if (match.lookingAt()) {
      return Optional.of(ago(match.group(1), match, 2, now, Phrases.words(match)));
    }
    match = AGE.matcher(text);
    if (match.lookingAt()) {
      boolean before = match.group(1).equals("older") || match.group(1).equals("longer ago");
      return Optional.of(
          ago(before ? "more than" : "less than", match, 2, now, Phrases.words(match)));
    }
    match = WITHIN.matcher(text);
    if (match.lookingAt()) {
      return Optional.of(
          new Span(
              Optional.of(minus(now, number(match.group(1)), match.group(2))),
              Optional.empty(),
              WITHIN_WORDS + number(match.group(1)) + " " + match.group(2) + "s",
              Phrases.words(match)));
    }
    match = AGE_DATE.matcher(text);
    if (match.lookingAt()) {
      return Optional.of(
          side(
              match.group(1).equals("older") ? "before" : "after",
              days(match.group(2), today),
              Phrases.words(match)));
    }
    match = SINCE.matcher(text);
    if (match.lookingAt()) {
      return Optional.of(side(match.group(1), days(match.group(2), today), Phrases.words(match)));
    }
    match = THIS.matcher(text);
    if (match.lookingAt()) {
      LocalDate from =
          switch (match.group(1)) {
            case "week" -> today.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
            case "month" -> today.withDayOfMonth(1);
            case "quarter" ->
                today.withDayOfMonth(1).withMonth((today.getMonthValue() - 1) / 3 * 3 + 1);
            default -> today.withDayOfYear(1);
          };
      LocalDate next =
          switch (match.group(1)) {
            case "week" -> from.plusWeeks(1);
            case "month" -> from.plusMonths(1);
            case "quarter" -> from.plusMonths(3);
            default -> from.plusYears(1);
          };
      return Optional.of(
          new Span(
              Optional.of(start(from)),
              Optional.of(start(next)), // what is still to come has an end
              "from " + from + " to " + next.minusDays(1),
              Phrases.words(match)));
    }
    match = DAY.matcher(text);
    if (match.lookingAt()) {
      if (match.group(1).endsWith("ly")) {
        return Optional.of(
            new Span(Optional.of(minus(now, 7, "day")), Optional.empty(), "in the last 7 days", 1));
      }
      return Optional.of(side("on", days(match.group(1), today), 1));
    }
    match = IN_MONTH.matcher(text);
    if (match.lookingAt()) {
      Month month = Month.valueOf(match.group(1).toUpperCase(Locale.ROOT));
      LocalDate from = LocalDate.of(today.getYear(), month, 1);
      LocalDate there = from.isAfter(today) ? from.minusYears(1) : from;
      return Optional.of(
          side("in", new LocalDate[] {there, there.plusMonths(1)}, Phrases.words(match)));
    }
    return Optional.empty();
  }

  /** "Between January and March 2026": of the year of the second, or of the one before it. */
  private static LocalDate[] before(String said, LocalDate second, LocalDate[] first) {
    if (!MONTH.matcher(said).matches()) {
      return first;
    }
    LocalDate month =
        LocalDate.of(second.getYear(), Month.valueOf(said.toUpperCase(Locale.ROOT)), 1);
    LocalDate start = month.isAfter(second) ? month.minusYears(1) : month;
    return new LocalDate[] {start, start.plusMonths(1)};
  }

  /** The same stretch after now, where it was only said how long: "within 30 days". */
  Span ahead(Instant now) {
    if (!words.startsWith(WITHIN_WORDS) || from.isEmpty()) {
      return this;
    }
    Instant end = now.plus(java.time.Duration.between(from.get(), now));
    return new Span(
        Optional.of(now),
        Optional.of(end),
        "within " + words.substring(WITHIN_WORDS.length()),
        tokens);
  }

  private static Span ago(
      @org.jspecify.annotations.Nullable String how,
      Matcher match,
      int number,
      Instant now,
      int tokens) {
    long many = number(match.group(number));
    String unit = match.group(number + 1);
    Instant at = minus(now, many, unit);
    boolean after =
        how != null
            && List.of("less than", "under", "fewer than", "within", "after", "since")
                .contains(how);
    String words = (after ? "less than " : "more than ") + many + " " + unit + "s ago";
    return after
        ? new Span(Optional.of(at), Optional.empty(), words, tokens)
        : new Span(Optional.empty(), Optional.of(at), words, tokens);
  }

  private static Span side(String word, LocalDate[] days, int tokens) {
    return switch (word) {
      case "before", "prior to", "until" ->
          new Span(Optional.empty(), Optional.of(start(days[0])), "before " + days[0], tokens);
      case "after" ->
          new Span(
              Optional.of(start(days[1])),
              Optional.empty(),
              "after " + days[1].minusDays(1),
              tokens);
      case "since", "from" ->
          new Span(Optional.of(start(days[0])), Optional.empty(), "since " + days[0], tokens);
      default ->
          new Span(
              Optional.of(start(days[0])),
              Optional.of(start(days[1])),
              days[1].equals(days[0].plusDays(1))
                  ? "on " + days[0]
                  : "from " + days[0] + " to " + days[1].minusDays(1),
              tokens);
    };
  }

  /** The first day of what is said, and the first after it. */
  private static LocalDate[] days(String said, LocalDate today) {
    if (said.matches("\\d{4}-\\d\\d-\\d\\d")) {
      LocalDate day = date(said);
      return new LocalDate[] {day, day.plusDays(1)};
    }
    if (said.matches("\\d{4}-\\d\\d")) {
      LocalDate first = date(said + "-01");
      return new LocalDate[] {first, first.plusMonths(1)};
    }
    if (said.matches("\\d{4}")) {
      LocalDate first = date(said + "-01-01");
      return new LocalDate[] {first, first.plusYears(1)};
    }
    LocalDate monday = today.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    switch (said) {
      case "today", "now" -> {
        return new LocalDate[] {today, today.plusDays(1)};
      }
      case "yesterday" -> {
        return new LocalDate[] {today.minusDays(1), today};
      }
      case "last week" -> {
        return new LocalDate[] {monday.minusWeeks(1), monday};
      }
      case "last month" -> {
        LocalDate first = today.withDayOfMonth(1);
        return new LocalDate[] {first.minusMonths(1), first};
      }
      case "last year" -> {
        LocalDate first = today.withDayOfYear(1);
        return new LocalDate[] {first.minusYears(1), first};
      }
      default -> {}
    }
    String word = said.replace("last ", "").toUpperCase(Locale.ROOT);
    if (word.contains(" ")) {
      LocalDate first =
          LocalDate.of(
              Integer.parseInt(word.substring(word.indexOf(' ') + 1)),
              Month.valueOf(word.substring(0, word.indexOf(' '))),
              1);
      return new LocalDate[] {first, first.plusMonths(1)};
    }
    if (MONTH.matcher(said).matches()) {
      LocalDate month = LocalDate.of(today.getYear(), Month.valueOf(word), 1);
      LocalDate first = month.isAfter(today) ? month.minusYears(1) : month;
      return new LocalDate[] {first, first.plusMonths(1)};
    }
    LocalDate day = today.with(TemporalAdjusters.previous(DayOfWeek.valueOf(word)));
    return new LocalDate[] {day, day.plusDays(1)};
  }

  private static LocalDate date(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeException _) {
      return LocalDate.EPOCH; // 2026-02-31: before everything
    }
  }

  private static Instant start(LocalDate day) {
    return day.atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  static long number(@org.jspecify.annotations.Nullable String word) {
    return switch (word) {
      case null -> 1;
      case "zero" -> 0;
      case "a", "an", "one" -> 1;
      case "two" -> 2;
      case "three" -> 3;
      case "four" -> 4;
      case "five" -> 5;
      case "six" -> 6;
      case "seven" -> 7;
      case "ten" -> 10;
      case "twelve" -> 12;
      default -> Long.parseLong(word.substring(0, Math.min(6, word.length())));
    };
  }

  private static Instant minus(Instant now, long many, String unit) {
    return switch (unit) {
      case "minute" -> now.minus(many, ChronoUnit.MINUTES);
      case "hour" -> now.minus(many, ChronoUnit.HOURS);
      case "day" -> now.minus(many, ChronoUnit.DAYS);
      case "week" -> now.minus(7 * many, ChronoUnit.DAYS);
      case "fortnight" -> now.minus(14 * many, ChronoUnit.DAYS);
      case "month" -> now.atZone(ZoneOffset.UTC).minus(Period.ofMonths((int) many)).toInstant();
      case "quarter" ->
          now.atZone(ZoneOffset.UTC).minus(Period.ofMonths(3 * (int) many)).toInstant();
      default -> now.atZone(ZoneOffset.UTC).minus(Period.ofYears((int) many)).toInstant();
    };
  }
}
