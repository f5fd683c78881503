package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tags by their keys: "tagged Owner=x", "without a CostCenter tag", {@code Team = payments}. */
final class TagRule implements Rule {
  private static final Pattern TAGGED =
      Phrases.of(
          "(?:(?:is|are|have been|has|have) )?tagged(?: with| as| by| for)?(?: (?:a|an|the|tag|key))*");
  private static final TagWordRule WORD = new TagWordRule();

  /** "Which tags are used", "tag keys in use": tags themselves are asked for. */
  private static final String[] ASKED = {
    "are", "do", "keys", "exist", "values", "used", "in", "there", "names", "have"
  };

  private static final String[] COLUMNS = {"name", "region", "account", "id", "type", "service"};

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    int at = reading.at();
    Optional<Matcher> tagged = question.match(at, TAGGED);
    if (tagged.isPresent()) {
      reading.skip(Phrases.words(tagged.get()));
      if (reading.is("neither")) {
        reading.conditions.negate(false);
        reading.skip(1);
      }
      if (reading.isAtEnd() || reading.is("in", "per", "by", "and", "or", "at", ",")) {
        int end = reading.is("at") ? reading.at() + 2 : reading.at();
        reading.addOfAnything(new Condition.Tags(Expression.Operator.MORE, 0), end);
      } else if (!WORD.read(reading)) {
        tags(reading);
      }
      butNot(reading);
      return true;
    }
    if (reading.is("tag", "tags")
        && !reading.isSubjectSeen()
        && (!question.has(at + 1)
            || ((question.is(at + 1, ASKED) || WordRule.isNothing(question.lower(at + 1)))
                && !question.is(at + 1, "=", "is", "called", "named")
                && !question.is(at + 2, "=", "is", "set")))) {
      throw new NotUnderstood(
          question.get(at).text(), "freeway tags lists the tags that there are and their values");
    }
    if (reading.is("tag", "tags")
        && question.has(at + 1)
        && !question.is(at + 1, "count", "in", "per", "by", "and", "or")
        && reading.field(at).filter(field -> field.end() > at + 1).isEmpty()) {
      reading.goTo(question.skip(at + 1, "key", "called", "named"));
      tags(reading);
      return true;
    }
    if (question.is(at + 1, "=")
        && question.has(at + 2)
        && reading.field(at).isEmpty()
        && !reading.is(COLUMNS)) {
      tags(reading);
      return true;
    }
    return keysTag(reading) || keyTag(reading);
  }

  /** "Owner and Team tags". */
  private static boolean keysTag(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    List<String> keys = new ArrayList<>();
    int at = question.skip(reading.at(), "a", "an", "the", "any", "both", "either");
    while (question.has(at) && Tags.isKey(reading.known, question.get(at).text())) {
      keys.add(Tags.key(reading.known, question.get(at).text()));
      at++;
      if (question.is(at, "and", "or", ",", "nor")) {
        at = question.skip(at, "and", "or", ",", "nor", "a", "an", "the");
      }
    }
    if (keys.size() < 2 || !question.is(at, "tag", "tags")) {
      return false;
    }
    boolean or = question.rest(reading.at()).contains(" or ");
    boolean none = reading.conditions.isNegated();
    for (String key : keys) {
      reading.addOfAnything(new Condition.Tag(key, List.of()), at + 1);
      if (!key.equals(keys.getLast())) {
        if (or) {
          reading.conditions.or();
        } else {
          reading.conditions.and(true);
          if (none && !reading.conditions.isNegated()) {
            reading.conditions.negate(true);
          }
        }
      }
    }
    return true;
  }

  /** "a CostCenter tag", "the Team tag set to payments". */
  private static boolean keyTag(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    int key = question.skip(reading.at(), "a", "an", "the", "any");
    int two = question.is(key + 2, "tag", "tags") && twoWords(reading, key).isPresent() ? 1 : 0;
    int tag = key + 1 + two;
    if (!question.is(tag, "tag", "tags")
        || question.meaning(key, reading.types(), 2).filter(said -> said.end() > tag).isPresent()
        || WordRule.isNothing(question.lower(key))
        || NegationRule.begins(question, key)) {
      return false;
    }
    String name =
        two == 1
            ? twoWords(reading, key).orElseThrow()
            : Tags.key(reading.known, question.get(key).text());
    int end = tag + 1;
    List<String> values = new ArrayList<>();
    if (question.is(end, "=", "is", "equals", "set") && question.has(end + 1)) {
      end = question.skip(end, "=", "is", "equals", "set", "to");
      if (question.has(end)) {
        values.add(Tags.value(reading, name, question.get(end).text()));
        end++;
      }
    }
    reading.addOfAnything(new Condition.Tag(name, values), end);
    return true;
  }

  /** "cost center": a key of two words. */
  static Optional<String> twoWords(Reading reading, int from) {
    Question question = reading.question;
    if (!question.has(from + 1)) {
      return Optional.empty();
    }
    String said = question.get(from).text() + question.get(from + 1).text();
    return reading.known.tags().keySet().stream()
        .filter(key -> key.replaceAll("[-_ ]", "").equalsIgnoreCase(said))
        .findFirst();
  }

  /** From the key on: {@code Owner}, {@code Owner=x}, "Owner is x or y"; more with "and", "or". */
  private static void tags(Reading reading) throws NotUnderstood {
    one(reading);
    while (again(reading)) {
      if (reading.is("or", "nor")) {
        reading.conditions.or();
      } else {
        reading.conditions.and(true);
      }
      reading.skip(1);
      one(reading);
    }
  }

  /** "Tagged Team but not Environment": one more key, whatever else its word may mean. */
  static void butNot(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    while (reading.is("but", "and") && question.is(reading.at() + 1, "not")) {
      int key = question.skip(reading.at() + 2, "tagged", "with");
      if (!question.has(key) || !Tags.isKey(reading.known, question.get(key).text())) {
        return;
      }
      reading.conditions.negate(true);
      reading.goTo(key);
      one(reading);
    }
  }

  private static boolean again(Reading reading) {
    int next = reading.at() + 1;
    return reading.is("or", "and", "nor")
        && reading.question.has(next)
        && (Tags.isKey(reading.known, reading.question.get(next).text())
            || reading.question.is(next + 1, "="))
        && reading.question.meaning(next, reading.types(), 1).isEmpty();
  }

  private static void one(Reading reading) throws NotUnderstood {
    Question question = reading.question;
    if (reading.isAtEnd()) {
      throw new NotUnderstood("tag", "expected a tag's key after it");
    }
    int at = reading.at();
    String key = question.get(at).text();
    List<String> values = new ArrayList<>();
    if (!question.get(at).quoted()
        && !Tags.isKey(reading.known, key)
        && !question.is(at + 1, "=", "is", "tag")) {
      Optional<String> of = Tags.keyOf(reading.known, key);
      if (of.isPresent()) {
        reading.addOfAnything(new Condition.Tag(of.get(), List.of(key)), at + 1);
        return;
      }
    }
    Optional<String> two = twoWords(reading, at);
    int colon = key.indexOf(':');
    if (two.isPresent()) {
      key = two.get();
      at++;
    } else if (colon > 0
        && colon < key.length() - 1
        && !key.startsWith("aws:")
        && !reading.known.tags().containsKey(key)) {
      String value = key.substring(colon + 1);
      key = key.substring(0, colon);
      values.add(Tags.value(reading, key, value));
    }
    at++;
    if (values.isEmpty()
        && question.is(at, "=", "is", "equals", "set", "of", "as")
        && question.has(at + 1)) {
      at = question.skip(at, "=", "is", "equals", "set", "of", "as", "to");
      if (question.has(at)) {
        values.add(Tags.value(reading, key, question.get(at).text()));
        at++;
      }
    } else if (values.isEmpty() && isValue(reading, key, at)) {
      values.add(Tags.value(reading, key, question.get(at).text()));
      at++;
    }
    while (!values.isEmpty() && question.is(at, "or", ",") && isValue(reading, key, at + 1)) {
      values.add(Tags.value(reading, key, question.get(at + 1).text()));
      at += 2;
    }
    reading.addOfAnything(
        new Condition.Tag(Tags.key(reading.known, key), values), question.skip(at, "tag", "tags"));
  }

  private static boolean isValue(Reading reading, String key, int index) {
    return reading.question.has(index)
        && (reading.question.get(index).quoted()
            || Tags.has(reading.known, key, reading.question.get(index).text()));
  }
}
