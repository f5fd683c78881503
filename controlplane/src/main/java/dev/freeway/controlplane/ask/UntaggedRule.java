package dev.freeway.controlplane.ask;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How many tags: "untagged", "at least 3 tags", "any tags"; and none called Name: "unnamed". */
final class UntaggedRule implements Rule {
  private static final Pattern COUNT =
      Phrases.of(
          "(?:(?:with|have|has|having) )?(?:(at least|more than|over|less than|fewer than|at most|exactly|under) )?(\\d{1,6}|no|any|zero)(?: or (more|fewer))? tags?(?: at all)?");

  private static final String[] AFTER_NAME = {
    "in", "per", "by", "and", "or", ",", "that", "which", "from", "of"
  };

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    int at = reading.at();
    if (reading.is("untagged")) {
      reading.addOfAnything(new Condition.Tags(Expression.Operator.EQUAL, 0), at + 1);
      return true;
    }
    if (withoutName(reading)) {
      return true;
    }
    Optional<Matcher> count = reading.question.match(at, COUNT);
    if (count.isPresent()) {
      int end = at + Phrases.words(count.get());
      if (isKey(reading, end)) {
        return false; // "no tag Owner"
      }
      reading.addOfAnything(tags(count.get()), end);
      return true;
    }
    if (reading.is("tag", "tags")
        && reading.conditions.isNegated()
        && (!reading.question.has(at + 1)
            || reading.question.is(at + 1, "in", "per", "by", "and", "at"))) {
      int end = reading.question.is(at + 1, "at") ? at + 3 : at + 1;
      reading.addOfAnything(new Condition.Tags(Expression.Operator.MORE, 0), end);
      return true;
    }
    return false;
  }

  /** "Unnamed", "without a name": the name that people give is a tag. */
  private static boolean withoutName(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    int at = reading.at();
    Condition named = new Condition.Tag("Name", List.of());
    if (reading.is("unnamed", "nameless")) {
      reading.conditions.negate(false);
      reading.addOfAnything(named, at + 1);
      return true;
    }
    int end = question.skip(at + 1, "tag", "tags", "set", "at", "all");
    if (!reading.is("name", "names")
        || !reading.conditions.isNegated()
        || (question.has(end) && !question.is(end, AFTER_NAME))) {
      return false;
    }
    reading.addOfAnything(named, end);
    return true;
  }

  private static boolean isKey(Reading reading, int index) {
    return reading.question.has(index)
        && (reading.question.get(index).quoted()
            || Tags.isKey(reading.known, reading.question.get(index).text())
            || reading.question.is(index + 1, "="));
  }

  private static Condition tags(Matcher count) {
    String number = count.group(2);
    String how = count.group(1);
    String more = count.group(3);
    return switch (number) {
      case "any" -> new Condition.Tags(Expression.Operator.MORE, 0);
      case "no", "zero" -> new Condition.Tags(Expression.Operator.EQUAL, 0);
      default ->
          new Condition.Tags(
              Comparing.operator(
                  how != null
                      ? how
                      : more == null ? "exactly" : more.equals("more") ? "at least" : "at most"),
              Long.parseLong(number));
    };
  }
}
