package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * "With key pair prod", "in subnet subnet-1": a member and its value, before either is read as a
 * quality, another type or a tag. Members that hold ids or ARNs take these alone: by a name what
 * they name is found as another resource.
 */
final class FieldValueRule implements Rule {
  /** Columns of every type, of which rules of their own know more. */
  private static final String[] COLUMNS = {
    "name", "names", "id", "ids", "region", "account", "service", "tag", "tags", "path"
  };

  private static final String[] TO_VALUE = {"is", "named", "called", "equals", "="};
  private static final String[] BEFORE_VALUE = {"the", "a", "an", "with", "using", "use", "uses"};

  private static final Pattern ID =
      Pattern.compile("arn:aws[a-z-]*:.*|[a-z]{1,12}-(?=[a-z]*\\d)[0-9a-z]+");

  /** What was done and when, and no value: "launched". */
  private static final Pattern DONE = Pattern.compile("[a-z]+ed");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    if (!reading.isSubjectSeen() || reading.current().isEverything()) {
      return false;
    }
    Question question = reading.question;
    int at = reading.at();
    Optional<Found<Map<ResourceType, Field>>> found = reading.field(at);
    if (found.isEmpty()) {
      return valueFirst(reading) || related(reading);
    }
    int end = found.get().end();
    Map<ResourceType, Field> those = found.get().what();
    if (!isOfText(reading, at, end, those)
        || question.meaning(at, reading.types(), end - at + 1).isPresent()
        || question.mention(at).filter(mention -> mention.end() > end).isPresent()) {
      return related(reading);
    }
    Optional<Matcher> sign = question.match(end, Comparing.SIGN);
    Expression.Operator operator =
        sign.map(match -> Comparing.operator(match.group(1))).orElse(Expression.Operator.EQUAL);
    int value =
        sign.map(match -> end + Phrases.words(match)).orElseGet(() -> question.skip(end, TO_VALUE));
    List<ResourceType> named = named(reading, at);
    if (operator.isOrder()
        || !isValue(reading, value, isByName(reading, at, those) ? named : List.of())) {
      return false;
    }
    if (!canHold(reading, at, those, question.get(value))) {
      return operator == Expression.Operator.EQUAL && related(reading);
    }
    reading.goTo(value);
    FieldRule.text(reading, those, operator);
    return true;
  }

  /** Another by its name: "with instance profile web". */
  private static boolean related(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    int at = reading.at();
    List<ResourceType> named = named(reading, at);
    int end = question.mention(at).map(Mention::end).orElse(at);
    int value = question.skip(end, TO_VALUE);
    if (named.isEmpty()
        || (end == at + 1 && question.is(at, COLUMNS))
        || named.stream().anyMatch(reading.types()::contains)
        || isTag(reading, at, value)
        || !isValue(reading, value, named)) {
      return false;
    }
    String name = question.get(value).text();
    boolean quality =
        question.meaning(at, reading.types(), 1).filter(said -> said.end() == end).isPresent();
    if (!quality && !reading.known.isName(named, name)) {
      return false;
    }
    SubjectRule.relate(reading, Subject.of(named), Expression.Operator.AT_LEAST, 1, end);
    reading.add(new Condition.Named(Condition.Match.IS, name), value + 1);
    return true;
  }

  private static boolean isTag(Reading reading, int key, int value) {
    return reading.question.has(value)
        && Tags.has(
            reading.known, reading.question.get(key).text(), reading.question.get(value).text());
  }

  /** "Using the prod key pair", where something is called so. */
  private static boolean valueFirst(Reading reading) {
    Question question = reading.question;
    int at = reading.at();
    Optional<Found<Map<ResourceType, Field>>> found = reading.field(at + 1);
    if (found.isEmpty()
        || !question.is(at - 1, BEFORE_VALUE)
        || !isOfText(reading, at + 1, found.get().end(), found.get().what())
        || !isByName(reading, at + 1, found.get().what())
        || !reading.known.isName(named(reading, at + 1), question.get(at).text())
        || !isValue(reading, at, named(reading, at + 1))) {
      return false;
    }
    FieldRule.text(reading, found.get().what(), Expression.Operator.EQUAL);
    reading.goTo(found.get().end());
    return true;
  }

  private static boolean isOfText(
      Reading reading, int at, int end, Map<ResourceType, Field> those) {
    return !(end == at + 1 && reading.question.is(at, COLUMNS))
        && those.values().stream().allMatch(field -> field.kind() == Field.Kind.TEXT)
        && (reading.question.isPlain(reading.types(), those, at, end)
            || isByName(reading, at, those));
  }

  private static boolean isValue(Reading reading, int index, List<ResourceType> named) {
    Question question = reading.question;
    if (!question.has(index)) {
      return false;
    }
    return question.get(index).quoted()
        || question.get(index).text().equals("AWS") // else a word that means nothing
        || reading.known.isName(named, question.get(index).text())
        || (FieldRule.isValue(question, index)
            && !MeaningRule.isSwitch(question, index)
            && !NegationRule.begins(question, index)
            && !DONE.matcher(question.lower(index)).matches()
            && question.meaning(index, List.of(), 1).isEmpty()
            && Span.of(question.rest(index), reading.now).isEmpty());
  }

  private static boolean canHold(
      Reading reading, int at, Map<ResourceType, Field> those, Token value) {
    return named(reading, at).isEmpty()
        || isByName(reading, at, those)
        || ID.matcher(value.text()).matches();
  }

  /** Whether members hold the name of what their words are a type of: KeyName, of a key pair. */
  private static boolean isByName(Reading reading, int at, Map<ResourceType, Field> those) {
    List<ResourceType> named = reading.question.mention(at).map(Mention::types).orElse(List.of());
    return !named.isEmpty()
        && those.keySet().containsAll(reading.types())
        && those.entrySet().stream()
            .allMatch(
                each -> {
                  String path = each.getValue().path().text();
                  return path.endsWith("Name")
                      || named.stream()
                          .anyMatch(
                              other ->
                                  Links.member(each.getKey(), other)
                                      .filter(path::equals)
                                      .isPresent());
                });
  }

  /** The types that words are the name of; none of a service's. */
  private static List<ResourceType> named(Reading reading, int at) {
    return reading
        .question
        .mention(at)
        .filter(mention -> !mention.service())
        .map(Mention::types)
        .orElse(List.of());
  }
}
