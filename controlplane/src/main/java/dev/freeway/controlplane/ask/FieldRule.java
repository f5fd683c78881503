package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Members of documents: compared, with a value before or after them, in a stretch of time, or that
 * there is one.
 */
final class FieldRule implements Rule {
  private static final String[] TO_VALUE = {
    "is",
    "of",
    "are",
    "set",
    "to",
    "equals",
    "like",
    "starting",
    "containing",
    "contains",
    "named",
    "called"
  };
  private static final String[] TO_MEMBER = {
    "with", "have", "has", "having", "a", "an", "any", "no", "without", "set", "missing", "lack",
    "lacking", "lacks", "not"
  };
  private static final String[] NO_VALUE = {
    "per",
    "sorted",
    "ordered",
    "not",
    "no",
    "without",
    "except",
    "created",
    "that",
    "enabled",
    "disabled",
    "tagged",
    "top",
    "first",
    "last",
    "older",
    "newer",
    "group",
    "grouped",
    "running",
    "another",
    "old",
    "new",
    "latest",
    "recent",
    "outdated",
    "obsolete",
    "same",
    "different",
    "wrong",
    "other",
    "some",
    "anything",
    "anyone",
    "nothing",
    "zero",
    "but",
    ")",
    "("
  };

  /** Times that are still to come: "within 30 days" is after now. */
  private static final Pattern AHEAD =
      Pattern.compile("(?i).*(notafter|expir|enddate|deletiondate).*");

  private static final Pattern TRUTH =
      Pattern.compile("true|false|yes|no|on|off|enabled|disabled|1|0");

  /** Values of these have digits. */
  private static final Pattern ADDRESS = Pattern.compile("(?i).*(cidr|cidrblock|ipaddress|ip)");

  /** Their values are said by how they begin. */
  private static final Set<String> BY_START =
      Set.of("Runtime", "Engine", "EngineVersion", "PlatformDetails");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    int at = reading.at();
    Optional<Found<Map<ResourceType, Field>>> found = reading.field(at);
    boolean word =
        found.isPresent()
            && WordRule.isNothing(reading.question.lower(at))
            && found.get().end() == at + 1
            && !Comparing.follows(reading.question, at + 1);
    if (found.isEmpty()) {
      return valueFirst(reading);
    }
    return !word && member(reading, found.get().what(), found.get().end());
  }

  private static boolean member(Reading reading, Map<ResourceType, Field> those, int end)
      throws NotUnderstood {
    boolean number = those.values().stream().allMatch(Field::isNumber);
    if (those.values().stream().allMatch(field -> field.kind() == Field.Kind.TIME)
        && time(reading, those, end)) {
      return true;
    }
    if (between(reading, those, end) || compared(reading, those, end)) {
      return true;
    }
    if (number && reading.draft.isComputed()) {
      if (reading.draft.computed().filter(other -> !other.equals(Keys.member(those))).isPresent()) {
        throw new NotUnderstood(reading.question.get(reading.at()).text(), "one number at a time");
      }
      reading.draft.of(Keys.member(those));
      reading.goTo(end);
      unit(reading);
      return true;
    }
    if (number && reading.draft.isRankedBySize()) {
      reading.draft.rankBy(Keys.member(those));
      reading.goTo(end);
      return true;
    }
    return equal(reading, those, end)
        || equal(reading, those, reading.question.skip(end, TO_VALUE))
        || there(reading, those, end);
  }

  private static boolean time(Reading reading, Map<ResourceType, Field> those, int end) {
    Optional<Found<Span>> found = LifeRule.span(reading, end);
    if (found.isEmpty()) {
      return false;
    }
    add(reading, those, found.get());
    return true;
  }

  /** Members that say when, in a stretch of time. */
  static void add(Reading reading, Map<ResourceType, Field> those, Found<Span> found) {
    boolean ahead =
        those.values().stream().allMatch(field -> AHEAD.matcher(field.path().text()).matches());
    Span span = ahead ? found.what().ahead(reading.now) : found.what();
    // "not used in the last 90 days": before it, or never
    Condition said =
        !ahead && reading.conditions.takeNegation()
            ? new Condition.TimeOf(
                those, Optional.empty(), span.from().or(span::to), true, "not " + span.words())
            : new Condition.TimeOf(those, span.from(), span.to(), false, span.words());
    reading.add(said, found.end());
  }

  static boolean between(Reading reading, Map<ResourceType, Field> those, int end)
      throws NotUnderstood {
    if (reading.question.match(end, Comparing.BETWEEN).isEmpty()) {
      return false;
    }
    int start = reading.question.skip(end, "is", "are", "between");
    Optional<Found<Amount>> low = Amount.at(reading.question, start);
    Optional<Found<Amount>> high =
        low.flatMap(first -> Amount.at(reading.question, first.end() + 1));
    if (low.isEmpty() || high.isEmpty()) {
      return false;
    }
    if (reading.conditions.isNegated()) {
      throw new NotUnderstood("between", "say less than or more than");
    }
    Amount from = low.get().what();
    Amount to = high.get().what();
    if (from.unit().isEmpty()) {
      from = new Amount(from.value(), to.unit(), from.words());
    }
    reading.add(from.compared(those, Expression.Operator.AT_LEAST), end);
    reading.add(to.compared(those, Expression.Operator.AT_MOST), high.get().end());
    return true;
  }

  private static boolean compared(Reading reading, Map<ResourceType, Field> those, int end)
      throws NotUnderstood {
    Optional<Matcher> match = reading.question.match(end, Comparing.SIGN);
    if (match.isEmpty()) {
      return false;
    }
    int value =
        reading.question.skip(
            end + Phrases.words(match.get(), 1), "than", "to", "or", "equal", "a", "the");
    if (!reading.question.has(value)) {
      return false;
    }
    Expression.Operator operator = Comparing.operator(match.get().group(1));
    Optional<Found<Amount>> amount = Amount.at(reading.question, value);
    if (amount.isPresent() && those.values().stream().anyMatch(Field::isNumber)) {
      reading.add(amount.get().what().compared(those, operator), amount.get().end());
      return true;
    }
    if (operator.isOrder()) {
      return false;
    }
    reading.goTo(value);
    text(reading, those, operator);
    return true;
  }

  private static boolean equal(Reading reading, Map<ResourceType, Field> those, int value)
      throws NotUnderstood {
    Optional<Found<Amount>> amount = Amount.at(reading.question, value);
    if (amount.isPresent() && those.values().stream().anyMatch(Field::isNumber)) {
      reading.add(
          amount.get().what().compared(those, Expression.Operator.EQUAL), amount.get().end());
      return true;
    }
    boolean led = value > reading.at() + 1 && reading.question.is(value - 1, TO_VALUE);
    if (!reading.question.has(value)
        || !isValue(reading.question, value)
        || those.values().stream().allMatch(Field::isNumber)
        || (!led && reading.question.meaning(value, reading.types(), 1).isPresent())
        || (those.values().stream().allMatch(field -> field.kind() == Field.Kind.TRUTH)
            && !TRUTH.matcher(reading.question.lower(value)).matches())) {
      return false;
    }
    reading.goTo(value);
    text(reading, those, Expression.Operator.EQUAL);
    return true;
  }

  private static boolean there(Reading reading, Map<ResourceType, Field> those, int end) {
    if (!reading.isSubjectSeen()
        || !reading.question.is(reading.at() - 1, TO_MEMBER)
        || !reading.question.isPlain(reading.types(), those, reading.at(), end)) {
      return false;
    }
    reading.add(new Condition.Has(those), end);
    return true;
  }

  /** Whether a word can be a value of a member, and not the question's next part. */
  static boolean isValue(Question question, int index) {
    Token token = question.get(index);
    if (token.quoted() || token.text().matches("[A-Z]{4,}")) {
      return true; // a constant: ENABLED
    }
    return !WordRule.isNothing(token.lower())
        && Regions.of(token.lower()).isEmpty()
        && question.mention(index).isEmpty()
        && !question.is(index, NO_VALUE);
  }

  /** "python3.9 runtime", "AES256 encryption": a value before its member. */
  private static boolean valueFirst(Reading reading) {
    int at = reading.at();
    Question question = reading.question;
    if (!reading.isSubjectSeen()
        || reading.current().isEverything()
        || !question.has(at + 1)
        || WordRule.isNothing(question.lower(at))
        || WordRule.isNothing(question.lower(at + 1))
        || question.lower(at).matches("\\d+")
        || !isValue(question, at)) {
      return false;
    }
    Optional<Found<Map<ResourceType, Field>>> field = reading.field(at + 1);
    if (field.isEmpty()
        || Comparing.follows(question, field.get().end())
        || !question.isPlain(reading.types(), field.get().what(), at + 1, field.get().end())
        || field.get().what().values().stream().anyMatch(each -> each.kind() != Field.Kind.TEXT)) {
      return false;
    }
    if (!canBe(field.get().what(), question.get(at))) {
      return false;
    }
    text(reading, field.get().what(), Expression.Operator.EQUAL);
    reading.goTo(field.get().end());
    return true;
  }

  /** Members with few values take no word that is none of these. */
  private static boolean canBe(Map<ResourceType, Field> those, Token value) {
    return those.values().stream()
        .allMatch(
            field -> {
              String path = field.path().text();
              if (path.matches("(?i).*(status|state)")) {
                return Values.isState(value);
              }
              return !(path.endsWith("SSEAlgorithm") || ADDRESS.matcher(path).matches())
                  || value.lower().matches(".*[\\d:].*");
            });
  }

  /** Text values from here on: one, or several with or. */
  static void text(Reading reading, Map<ResourceType, Field> those, Expression.Operator operator) {
    Question question = reading.question;
    List<String> values = new ArrayList<>(List.of(question.get(reading.at()).text()));
    int end = reading.at() + 1;
    while (question.is(end, "or", ",")
        && question.has(end + 1)
        && isValue(question, end + 1)
        && question.meaning(end + 1, reading.types(), 1).isEmpty()
        && reading.field(end + 1).isEmpty()) {
      values.add(question.get(end + 1).text());
      end += 2;
    }
    Optional<Condition> alone = question.value(reading.at(), reading.types());
    if (values.size() == 1
        && operator == Expression.Operator.EQUAL
        && alone.isPresent()
        && alone.get() instanceof Condition.Of of
        && of.match().filter(match -> match == Condition.Match.STARTS).isPresent()
        && of.fields().equals(those)) {
      reading.add(of, end); // "type m5" is a family
      return;
    }
    String path = those.values().iterator().next().path().text();
    boolean starred = values.stream().anyMatch(value -> value.contains("*"));
    boolean ends = values.stream().allMatch(value -> value.startsWith("*"));
    Condition.Match match =
        ends
            ? Condition.Match.ENDS
            : BY_START.contains(path) || starred
                ? Condition.Match.STARTS
                : path.endsWith("Arn") || path.endsWith("ServiceName")
                    ? Condition.Match.CONTAINS
                    : Condition.Match.IS;
    List<String> bare = values.stream().map(value -> value.replace("*", "")).toList();
    reading.add(new Condition.Of(those, operator, Optional.of(match), bare, ""), end);
  }

  /** "in GB" after what is summed: the member's own unit, or an error. */
  private static void unit(Reading reading) throws NotUnderstood {
    String unit = reading.question.lower(reading.at() + 1).toLowerCase(Locale.ROOT);
    if (!reading.is("in") || !unit.matches("[kmgt]i?b|bytes|days|seconds")) {
      return;
    }
    Intent.Key key = reading.draft.computed().orElseThrow();
    boolean own =
        key instanceof Intent.Key.Member member
            && member.fields().values().stream().allMatch(field -> isIn(field, unit));
    if (!own) {
      throw new NotUnderstood(
          reading.question.get(reading.at() + 1).text(), key.text() + " is in another unit");
    }
    reading.skip(2);
  }

  private static boolean isIn(Field field, String unit) {
    return switch (unit) {
      case "gb", "gib" -> field.perGibibyte() == 1;
      case "mb", "mib" -> field.perGibibyte() == 1024;
      case "bytes" -> field.perGibibyte() > 1024;
      case "days" -> field.perDay() == 1;
      case "seconds" -> field.perDay() == 86_400;
      default -> false;
    };
  }
}
