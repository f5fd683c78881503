package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When something was used: "unused for 60 days", "nobody used in the last 90 days". */
final class LastUseRule implements Rule {
  private static final Pattern USED =
      Phrases.of(
          "(not (?:been )?)?(?:(?:been|was|were|is|are|be) )?(used|unused|idle|accessed|touched|invoked|assumed)(?: by anyone| by anybody)?");
  private static final List<String> LAST = List.of("last used", "last accessed", "used");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Optional<Matcher> used = reading.question.match(reading.at(), USED);
    if (used.isEmpty() || !reading.isSubjectSeen()) {
      return false;
    }
    Optional<Found<Span>> span = LifeRule.span(reading, reading.at() + Phrases.words(used.get()));
    if (span.isEmpty()) {
      return false;
    }
    String word = used.get().group(2);
    if (used.get().group(1) != null) {
      reading.conditions.negate(false);
    }
    boolean contrary = word.equals("unused") || word.equals("idle");
    if (contrary) {
      reading.conditions.negate(false);
    }
    FieldRule.add(reading, last(reading, word), span.get());
    return true;
  }

  private static Map<ResourceType, Field> last(Reading reading, String word) throws NotUnderstood {
    for (String phrase : LAST) {
      Map<ResourceType, Field> found = reading.question.fields(reading.types(), phrase);
      found.values().removeIf(field -> field.kind() != Field.Kind.TIME);
      if (!found.isEmpty()) {
        return found;
      }
    }
    throw new NotUnderstood(word, "when " + reading.current().words() + " were used is not known");
  }
}
