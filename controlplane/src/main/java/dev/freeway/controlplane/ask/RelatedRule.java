package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many others there are: "with more than 5 subnets", {@code access_keys_count 0}. */
final class RelatedRule implements Rule {
  private static final Pattern MANY =
      Phrases.of(
          "(?:(?:with|having|have|has) )?(?:(more than|over|at least|fewer than|less than|at most|exactly|only) )?(\\d+|zero|one|two|three|four|five)(?: or (more|fewer))?");

  /** So many words may stand between a number and what is counted. */
  private static final int APART = 2;

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    return reading.isSubjectSeen() && (many(reading) || counted(reading));
  }

  private static boolean many(Reading reading) throws NotUnderstood {
    Optional<Matcher> found = reading.question.match(reading.at(), MANY);
    if (found.isEmpty()) {
      return false;
    }
    Matcher match = found.get();
    int end = reading.at() + Phrases.words(match);
    int named = end;
    while (named < end + APART && reading.question.mention(named).isEmpty()) {
      named++;
    }
    Optional<Mention> mention = reading.question.mention(named);
    if (mention.isEmpty()
        || mention.get().isEverything()
        || mention.get().service()
        || mention.get().types().equals(reading.types())) {
      return false;
    }
    if (reading
            .field(end)
            .filter(field -> field.end() >= mention.get().end())
            .filter(field -> field.what().values().stream().allMatch(Field::isNumber))
            .isPresent()
        && !SubjectRule.canRelate(reading, mention.get())) {
      return false; // a number of its own: "fewer than 2 tasks"
    }
    List<Condition> qualities = new ArrayList<>();
    for (int i = end; i < named; i++) {
      Optional<Condition> quality = quality(reading.question, i, mention.get().types());
      if (quality.isEmpty()) {
        return false;
      }
      qualities.add(quality.get());
    }
    qualities.forEach(reading.conditions::addAhead);
    String how = match.group(1);
    String more = match.group(3);
    Expression.Operator operator =
        Comparing.operator(
            how != null
                ? how
                : more == null ? "exactly" : more.equals("more") ? "at least" : "at most");
    SubjectRule.relate(
        reading,
        Subject.of(mention.get().types()),
        operator,
        Span.number(match.group(2)),
        mention.get().end());
    return true;
  }

  /** What a word says of what is named after it: "more than one active access key". */
  private static Optional<Condition> quality(Question question, int at, List<ResourceType> types) {
    return question
        .meaning(at, types, 1)
        .filter(said -> said.end() == at + 1)
        .<Condition>map(
            said ->
                said.what().contrary()
                    ? new Condition.Not(meant(said.what(), types))
                    : meant(said.what(), types))
        .or(() -> question.value(at, types));
  }

  private static Condition meant(Meanings.Said said, List<ResourceType> types) {
    return new Condition.Meant(MeaningRule.precise(said.meaning(), types));
  }

  private static boolean counted(Reading reading) throws NotUnderstood {
    int at = reading.at();
    List<String> stems = reading.question.get(at).stems();
    if (stems.size() < 2
        || !stems.getLast().equals("count")
        || !reading.question.lower(at + 1).matches("\\d{1,9}")
        || reading.field(at).isPresent()) {
      return false;
    }
    List<ResourceType> types =
        reading.question.types(String.join(" ", stems.subList(0, stems.size() - 1)));
    if (types.isEmpty()) {
      return false;
    }
    SubjectRule.relate(
        reading,
        Subject.of(types),
        Expression.Operator.EQUAL,
        Long.parseLong(reading.question.lower(at + 1)),
        at + 2);
    return true;
  }
}
