package dev.freeway.controlplane.ask;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "Top 5", "the first 10", "3 buckets". */
final class LimitRule implements Rule {
  private static final Pattern LIMIT =
      Phrases.of(
          "(?:the |my |our )?(top|first|last|limit(?: to)?|only|bottom) (\\d{1,6}|two|three|four|five|ten)(?! (?:minute|hour|day|week|month|quarter|year)s?\\b)");

  @Override
  public boolean read(Reading reading) {
    Optional<Matcher> match = reading.question.match(reading.at(), LIMIT);
    if (match.isPresent()) {
      String word = match.get().group(1);
      reading.draft.limit(String.valueOf(Span.number(match.get().group(2))));
      if (word.equals("top") || word.equals("bottom")) {
        reading.draft.rankBySize(word.equals("top"), word);
      }
      reading.skip(Phrases.words(match.get(), 2));
      return true;
    }
    if (!reading.isSubjectSeen()
        && reading.question.lower(reading.at()).matches("\\d{1,6}")
        && reading.question.mention(reading.at() + 1).isPresent()) {
      reading.draft.limit(reading.question.lower(reading.at()));
      reading.skip(1);
      return true;
    }
    return false;
  }
}
