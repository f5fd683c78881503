package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers before their member: "over 1 TB of storage", "more than 512 MB memory". */
final class AmountRule implements Rule {
  private static final Pattern NUMBER =
      Phrases.of(
          "(?:(more than|over|at least|less than|fewer than|under|at most|above|below|exactly|larger than|bigger than|greater than|smaller than|exceeding) )?(?=\\d|an? |one |two |three |six )\\S+");

  private static final Pattern LARGER = Pattern.compile("(?:larger|bigger|greater|smaller) than");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    if (reading.isSubjectSeen() && between(reading)) {
      return true;
    }
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
      field = sized(reading, how, orMore || orLess ? after + 2 : after);
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

  /** "Between 50 and 200 GB". */
  private static boolean between(Reading reading) throws NotUnderstood {
    if (reading.question.match(reading.at(), Comparing.BETWEEN).isEmpty()) {
      return false;
    }
    int start = reading.question.skip(reading.at(), "is", "are", "between");
    Optional<Found<Amount>> low = Amount.at(reading.question, start);
    Optional<Found<Amount>> high =
        low.flatMap(first -> Amount.at(reading.question, first.end() + 1));
    if (high.isEmpty() || !high.get().what().isSize()) {
      return false;
    }
    Optional<Found<Map<ResourceType, Field>>> field = sized(reading, null, high.get().end());
    return field.isPresent() && FieldRule.between(reading, field.get().what(), reading.at());
  }

  /** The member that a size alone is of: functions "with 512 MB" have it, "larger" ones are it. */
  private static Optional<Found<Map<ResourceType, Field>>> sized(
      Reading reading, @Nullable String how, int end) {
    boolean functions =
        (how == null || !LARGER.matcher(how).matches())
            && !reading.types().isEmpty()
            && reading.types().stream().allMatch(type -> type.key().equals("lambda:function"));
    return (functions
            ? Optional.of(reading.question.fields(reading.types(), "memory"))
            : reading.question.size(reading.types()))
        .map(
            fields -> {
              fields.values().removeIf(field -> field.perGibibyte() == 0);
              return fields;
            })
        .filter(fields -> !fields.isEmpty())
        .map(fields -> new Found<>(fields, end));
  }
}
