package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;

/** Keys and values of tags without the word: "team payments", "payments team", "production". */
final class TagWordRule implements Rule {
  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    for (String key : reading.known.tags().keySet()) {
      if (keyFirst(reading, key) || valueFirst(reading, key)) {
        return true;
      }
    }
    return environment(reading);
  }

  private static boolean keyFirst(Reading reading, String key) throws NotUnderstood {
    Question question = reading.question;
    int at = reading.at();
    if (!key.equalsIgnoreCase(question.get(at).text())) {
      return false;
    }
    int before = at - 1;
    while (question.is(before, "a", "an", "any", "the")) {
      before--;
    }
    boolean alone =
        question.is(before, "with")
            && (!question.has(at + 1) || question.is(at + 1, "but", "and", "or", "in", "per"));
    if ((alone
            || question.is(
                before, "no", "without", "missing", "lacking", "lack", "lacks", "have", "has"))
        && question.meaning(at, reading.types(), 2).isEmpty()
        && reading.field(at).filter(field -> field.end() > at + 1).isEmpty()
        && !question.is(at + 1, "=", "is", "of", "equals")
        && !(question.has(at + 1) && Tags.has(reading.known, key, question.get(at + 1).text()))) {
      reading.addOfAnything(new Condition.Tag(key, List.of()), at + 1);
      TagRule.butNot(reading);
      return true;
    }
    int value = question.skip(at + 1, "is", "=", "equals", "of", "are", "not");
    if (!question.has(value)
        || !(question.get(value).quoted()
            || Tags.has(reading.known, key, question.get(value).text())
            || isForm(reading, key, question.get(value).text()))) {
      return false;
    }
    for (int i = at; i < value; i++) {
      if (question.is(i, "not")) {
        reading.conditions.negate(false);
      }
    }
    values(reading, key, Tags.value(reading, key, question.get(value).text()), value + 1);
    return true;
  }

  /** Whether it is short for a value. */
  private static boolean isForm(Reading reading, String key, String said) {
    return !Tags.value(reading, key, said).equals(said);
  }

  private static boolean valueFirst(Reading reading, String key) throws NotUnderstood {
    Question question = reading.question;
    int at = reading.at();
    if (!question.has(at + 1)
        || !key.equalsIgnoreCase(question.get(at + 1).text())
        || !Tags.has(reading.known, key, question.get(at).text())) {
      return false;
    }
    reading.addTag(new Condition.Tag(key, List.of(question.get(at).text())), at + 2);
    return true;
  }

  private static void values(Reading reading, String key, String first, int end)
      throws NotUnderstood {
    Question question = reading.question;
    List<String> values = new ArrayList<>(List.of(first));
    int at = end;
    while (question.is(at, "or", "and", ",")
        && question.has(at + 1)
        && Tags.has(reading.known, key, question.get(at + 1).text())) {
      values.add(question.get(at + 1).text());
      at += 2;
    }
    reading.addTag(new Condition.Tag(Tags.key(reading.known, key), values), at);
  }

  private static boolean environment(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    int at = reading.at();
    String said = question.lower(at);
    boolean known =
        Tags.has(reading.known, "Environment", said)
            || List.of("production", "staging", "development", "prod", "dev", "stage")
                .contains(said);
    if (!known || question.is(at + 1, "account", "accounts")) {
      return false;
    }
    values(
        reading,
        "Environment",
        Tags.value(reading, "Environment", said),
        question.is(at + 1, "environment", "environments", "env") ? at + 2 : at + 1);
    return true;
  }
}
