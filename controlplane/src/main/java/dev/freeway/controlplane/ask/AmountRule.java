package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers before their member: "over 1 TB of storage", "more than 512 MB memory". */
final class AmountRule implements Rule {
  private static final Pattern NUMBER =
      Phrases.of(
          "(?:(more than|over|at least|less than|fewer than|under|at most|above|below|exactly|larger than|bigger than|greater than|smaller than|exceeding) )?(?=\\d)\\S+");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    Optional<Matcher> match = question.match(reading.at(), NUMBER);
    if (match.isEmpty() || !reading.isSubjectSeen()) {
      return false;
    }
    String how = match.get().group(1);
    int start = reading.at() + (how == null ? 0 : Phrases.words(match.get(), 1));
    Optional<Found<Amount>> amount = Amount.at(question, start);
    if (amount.isEmpty()) {
      return false;
    }
    int after = amount.get().end();
    boolean orMore = question.is(after, "or") && question.is(after + 1, "more", "larger", "bigger");
    boolean orLess = question.is(after, "or") && question.is(after + 1, "less", "fewer", "smaller");
    int end = question.skip(after, "of", "the", "in", "or", "more", "less", "fewer");
    Optional<Found<Map<ResourceType, Field>>> field = reading.field(end);
    if (field.isEmpty() && (how != null || orMore || orLess) && amount.get().what().isSize()) {
      field = sized(reading, orMore || orLess ? after + 2 : after);
    }
    if (field.isEmpty() || !field.get().what().values().stream().allMatch(Field::isNumber)) {
      return false;
    }
    Expression.Operator operator =
        orMore
            ? Expression.Operator.AT_LEAST
            : orLess
                ? Expression.Operator.AT_MOST
                : Comparing.operator(how == null ? "exactly" : how);
    reading.add(amount.get().what().compared(field.get().what(), operator), field.get().end());
    return true;
  }

  /** The member that a size alone is of. */
  private static Optional<Found<Map<ResourceType, Field>>> sized(Reading reading, int end) {
    return reading
        .question
        .size(reading.types())
        .map(
            fields -> {
              fields.values().removeIf(field -> field.perGibibyte() == 0);
              return fields;
            })
        .filter(fields -> !fields.isEmpty())
        .map(fields -> new Found<>(fields, end));
  }
}
