package dev.freeway.controlplane.ask;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "How many", "count", "the number of". */
final class CountRule implements Rule {
  private static final Pattern COUNT =
      Phrases.of(
          "how many|compare|tally(?: of)?|count(?: of| up)?|(?:the )?total (?:number|count)(?: of)?|(?:the )?number of|total count");

  @Override
  public boolean read(Reading reading) {
    Optional<Matcher> match = reading.question.match(reading.at(), COUNT);
    if (match.isEmpty()) {
      return false;
    }
    if (reading.is("compare")) {
      reading.draft.compare();
    }
    reading.draft.count();
    reading.say();
    reading.skip(Phrases.words(match.get()));
    return true;
  }
}
