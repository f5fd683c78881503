package dev.freeway.controlplane.ask;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "The oldest", "5 largest", "newest first". */
final class RankRule implements Rule {
  private static final Pattern RANKED =
      Phrases.of(
          "(?:the )?(?:(\\d{1,6}|two|three|four|five|ten) )?(most recently (?:created|launched|added|made)|most recently|most recent|newest|latest|youngest|oldest|largest|biggest|highest|greatest|longest (?:running|lived)|longest|smallest|lowest|shortest|least|most)(?! than)( first)?");
  private static final List<String> LARGE =
      List.of("largest", "biggest", "highest", "greatest", "longest", "most");

  @Override
  public boolean read(Reading reading) {
    Optional<Matcher> found = reading.question.match(reading.at(), RANKED);
    if (found.isEmpty()) {
      return false;
    }
    Matcher match = found.get();
    if (match.group(2).equals("most") && !isNumber(reading, Phrases.words(match))) {
      return false;
    }
    if (match.group(3) != null && reading.draft.isOrdered()) {
      reading.draft.direction(
          !List.of("oldest", "smallest", "lowest", "shortest", "least").contains(match.group(2)));
      reading.skip(Phrases.words(match));
      return true;
    }
    if (match.group(1) != null) {
      reading.draft.limit(String.valueOf(Span.number(match.group(1))));
    } else if (match.group(3) == null && !reading.draft.isLimited() && isSingular(reading)) {
      reading.draft.limit("1");
    }
    Intent.Key created = new Intent.Key.Column("created");
    switch (match.group(2)) {
      case "newest", "latest", "youngest" -> reading.draft.rank(created, true);
      case "oldest", "longest running", "longest lived" -> reading.draft.rank(created, false);
      default -> {
        if (match.group(2).startsWith("most recent")) {
          reading.draft.rank(created, true);
        } else {
          reading.draft.rankBySize(
              LARGE.contains(match.group(2)), match.group(3) == null ? match.group(2) : "first");
        }
      }
    }
    reading.skip(Phrases.words(match));
    return true;
  }

  /** "The most memory": whether a member follows that holds a number. */
  private static boolean isNumber(Reading reading, int words) {
    return reading
        .field(reading.at() + words)
        .filter(field -> field.what().values().stream().allMatch(Field::isNumber))
        .isPresent();
  }

  /** Whether one thing is asked for: "the largest volume". */
  private static boolean isSingular(Reading reading) {
    int end = reading.subjectEnd();
    return end > 0 && !reading.question.get(end - 1).lower().endsWith("s");
  }
}
