package dev.freeway.controlplane.ask;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * "What percentage of volumes in Europe are encrypted": of those that hold what is said before the
 * verb, how many in a hundred hold what is said after it. Without a verb it is of all of the type.
 */
final class PercentRule implements Rule {
  private static final Pattern PERCENT =
      Phrases.of(
          "(?:(?:what|which|how many) )?(?:(?:is|are) )?(?:the |a )?(?:percentage|percent|proportion|fraction|%)(?: of)?(?: (?:the|all|our|my))*");
  private static final String[] VERB = {
    "is", "are", "has", "have", "lack", "lacks", "do", "does", "use", "uses", "run", "runs"
  };
  private static final String[] GOES_ON = {"and", "or", "but", ",", "do", "does", "not"};

  @Override
  public boolean read(Reading reading) {
    if (reading.draft.isPercent()) {
      if (reading.isSubjectSeen()
          && reading.is(VERB)
          && !reading.question.is(reading.at() - 1, GOES_ON)
          && reading.conditions.isOfSubject()) {
        reading.draft.percentOf(reading.conditions.number());
      }
      return false; // the verb itself means what it means elsewhere
    }
    Optional<Matcher> match = reading.question.match(reading.at(), PERCENT);
    if (match.isEmpty() || reading.at() > 3) {
      return false;
    }
    reading.draft.percent();
    reading.say();
    reading.skip(Phrases.words(match.get()));
    return true;
  }
}
