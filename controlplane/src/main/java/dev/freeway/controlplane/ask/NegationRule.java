package dev.freeway.controlplane.ask;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "Not", "without", "except": they turn what comes next. */
final class NegationRule implements Rule {
  private static final Pattern NEGATION =
      Phrases.of(
          "do not have|does not have|did not have|have no|has no|having no|that lack|lacking|lacks?|missing|without(?: any| an?)?|with no|not|no|non|neither|nor|never|except(?: for)?|excluding|other than|outside(?: of)?|apart from|cannot|but for|but(?= (?:the|those) )|nobody|no one|do not|does not");
  private static final Pattern OF_THINGS =
      Pattern.compile(".*have.*|.*no|.*lack.*|missing|without.*");

  private static final Pattern REST =
      Pattern.compile("except.*|excluding|other than|apart from|but.*");

  static boolean begins(Question question, int from) {
    return question.match(from, NEGATION).isPresent();
  }

  @Override
  public boolean read(Reading reading) {
    Optional<Matcher> match = reading.question.match(reading.at(), NEGATION);
    if (match.isEmpty()) {
      return false;
    }
    String said = match.get().group();
    boolean rest = REST.matcher(said).matches();
    if (said.equals("nor") && reading.conditions.isNegated()) {
      reading.conditions.takeNegation();
    }
    reading.conditions.negate(rest || OF_THINGS.matcher(said).matches());
    if (rest) {
      reading.conditions.exceptAll();
    }
    reading.skip(Phrases.words(match.get()));
    return true;
  }
}
