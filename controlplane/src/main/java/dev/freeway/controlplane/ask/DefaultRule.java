package dev.freeway.controlplane.ask;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What AWS made itself: "default VPCs", "non-default". */
final class DefaultRule implements Rule {
  private static final Pattern DEFAULT =
      Phrases.of("(?:is |are )?(default|aws default|non-default|nondefault|custom)");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    int at = reading.at();
    Optional<Matcher> match = reading.question.match(at, DEFAULT);
    if (match.isEmpty() || reading.field(at).filter(field -> field.end() > at + 1).isPresent()) {
      return false;
    }
    String word = match.get().group(1);
    Condition condition = new Condition.Default();
    boolean contrary = word.startsWith("non") || word.equals("custom");
    int end = at + Phrases.words(match.get());
    Condition said = contrary ? new Condition.Not(condition) : condition;
    if (reading.isBeforeOther(end)) {
      reading.addAhead(said, end);
    } else {
      reading.add(said, end);
    }
    return true;
  }
}
