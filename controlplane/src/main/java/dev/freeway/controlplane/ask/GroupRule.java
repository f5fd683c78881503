package dev.freeway.controlplane.ask;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "By region", "per account and type"; after "largest" the number that it is by. */
final class GroupRule implements Rule {
  private static final Pattern GROUP =
      Phrases.of(
          "grouped by|group by|broken down by|breakdown by|split by|per|by|for each|for every|in each|in every|across each|across all|across|each|distribution by|distributed by|distributed across|distributed over");

  /** How something is, and nothing that is done by what follows. */
  private static final String STATE =
      "un[a-z]+ed|stopped|terminated|expired|versioned|enabled|disabled|detached";

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    Optional<Matcher> match = question.match(reading.at(), GROUP);
    if (match.isEmpty()) {
      return false;
    }
    boolean by = reading.is("by");
    if (by
        && isOfVerb(question, reading.at() - 1)
        && question
            .mention(question.skip(reading.at() + 1, "a", "an", "the", "any", "my"))
            .isPresent()) {
      return false; // "used by functions"
    }
    Optional<Found<Intent.Key>> key = Keys.find(reading, reading.at() + Phrases.words(match.get()));
    if (key.isEmpty()) {
      int next = reading.at() + Phrases.words(match.get());
      if (question.has(next)
          && !reading.is("each", "across", "in")
          && !(reading.is("by") && isOfVerb(question, reading.at() - 1))) {
        throw new NotUnderstood(question.get(next).text(), "");
      }
      return false;
    }
    while (key.isPresent()) {
      if (by && reading.draft.isSorting()) {
        reading.draft.order(key.get().what(), false);
      } else if (by
          && reading.draft.isRankedBySize()
          && key.get().what() instanceof Intent.Key.Member member) {
        if (!isTime(member) && !member.fields().values().stream().allMatch(Field::isNumber)) {
          throw new NotUnderstood(
              question.get(key.get().end() - 1).text(), "it is no number; count by it instead");
        }
        reading.draft.rankBy(key.get().what());
      } else if (by
          && reading.draft.isRankedBySize()
          && key.get().what().equals(new Intent.Key.Column("created"))) {
        reading.draft.rank(key.get().what(), !question.is(key.get().end() - 1, "age"));
      } else if (by
          && !reading.draft.isCount()
          && !reading.draft.isComputed()
          && isTime(key.get().what())) {
        reading.draft.order(key.get().what(), false); // nobody counts by the second
      } else {
        reading.draft.group(key.get().what());
      }
      reading.goTo(key.get().end());
      int next = question.skip(reading.at(), "and", ",", "per", "by");
      key = next > reading.at() ? Keys.find(reading, next) : Optional.empty();
    }
    reading.goTo(question.skip(reading.at(), "combination", "pair"));
    return true;
  }

  private static boolean isTime(Intent.Key key) {
    return key instanceof Intent.Key.Member member
        && member.fields().values().stream().allMatch(field -> field.kind() == Field.Kind.TIME);
  }

  /** "Used by", "trusted by": what follows does something. */
  private static boolean isOfVerb(Question question, int before) {
    return !(question.is(before - 1, "not") && question.is(before, "encrypted"))
        && !question.lower(before).matches(STATE)
        && question
            .lower(before)
            .matches("[a-z-]+ed|[a-z]+able|built|made|behind|run|rely|going|use");
  }
}
