package dev.freeway.controlplane.ask;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "Sorted by size descending". */
final class OrderRule implements Rule {
  private static final Pattern ORDER =
      Phrases.of("(?:sorted|ordered|sort|order|ranked|arranged|sorting|rank)(?: them)?(?: by)?");
  private static final Pattern DIRECTION =
      Phrases.of("(?:in )?(ascending|asc|descending|desc|reverse|alphabetically)(?: order)?");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Optional<Matcher> order = reading.question.match(reading.at(), ORDER);
    if (order.isEmpty()) {
      return direction(reading);
    }
    int start = reading.at();
    reading.skip(Phrases.words(order.get()));
    if (!order.get().group().endsWith("by") && !reading.isSubjectSeen()) {
      reading.draft.sort();
      return true;
    }
    if (reading.is("alphabetically")) {
      return direction(reading);
    }
    boolean first = true;
    while (first || reading.is("and", ",", "then")) {
      int from = first ? reading.at() : reading.question.skip(reading.at(), "and", ",", "then");
      Optional<Found<Intent.Key>> key = Keys.find(reading, from);
      if (key.isEmpty() && first) {
        throw new NotUnderstood(
            reading.isAtEnd()
                ? reading.question.get(start).text()
                : reading.question.get(reading.at()).text(),
            "it is nothing to sort by");
      }
      if (key.isEmpty()) {
        return true;
      }
      int end = key.get().end();
      boolean down = reading.question.is(end, "desc", "descending");
      boolean said = down || reading.question.is(end, "asc", "ascending");
      reading.draft.order(key.get().what(), down);
      reading.goTo(said ? end + 1 : end);
      first = false;
    }
    return true;
  }

  private static boolean direction(Reading reading) {
    Optional<Matcher> match = reading.question.match(reading.at(), DIRECTION);
    if (match.isEmpty()) {
      return false;
    }
    String word = match.get().group(1);
    if (!reading.draft.isOrdered() && !word.equals("alphabetically")) {
      return false;
    }
    if (!reading.draft.isOrdered()) {
      reading.draft.order(new Intent.Key.Column("name"), false);
    } else {
      reading.draft.direction(word.startsWith("desc") || word.equals("reverse"));
    }
    reading.skip(Phrases.words(match.get()));
    return true;
  }
}
