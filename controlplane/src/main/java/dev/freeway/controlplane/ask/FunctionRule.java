package dev.freeway.controlplane.ask;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "The total", "average", "how much": of the member that is named after it. */
final class FunctionRule implements Rule {
  private static final Pattern FUNCTION =
      Phrases.of(
          "(?:the )?(total|sum(?: of| up)?|average|avg|mean|maximum|max|minimum|min|how much|how big|how large|combined|overall)(?: of)?(?: the)?");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Optional<Matcher> match = reading.question.match(reading.at(), FUNCTION);
    if (match.isEmpty()
        || reading
            .field(reading.at())
            .filter(field -> field.end() > reading.at() + 1)
            .isPresent()) {
      return false;
    }
    String function = function(match.get().group(1));
    if (reading.draft.isComputed() && !reading.draft.isComputed(function)) {
      throw new NotUnderstood(match.get().group(1), "one number at a time");
    }
    reading.draft.compute(function);
    reading.say();
    reading.skip(Phrases.words(match.get(), 1));
    if (reading.is("age") && !function.equals("sum")) {
      reading.draft.of(new Intent.Key.Age());
      reading.skip(1);
    }
    return true;
  }

  private static String function(String word) {
    return switch (word) {
      case "average", "avg", "mean" -> "avg";
      case "maximum", "max" -> "max";
      case "minimum", "min" -> "min";
      default -> "sum";
    };
  }
}
