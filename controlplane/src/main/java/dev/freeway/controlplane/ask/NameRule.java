package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names, ids and ARNs: "whose name starts with prod-", {@code i-0abc...}. */
final class NameRule implements Rule {
  private static final String NAMES = "(?:names?|named|called|titled|ids?|identifier)";
  private static final Pattern NAME =
      Phrases.of(
          "(?:(?:with|whose|has|have|where|and|the|a|an) )*(?:"
              + NAMES
              + "(?: (?:is|are|that|which|of|like|matching|=))*(?: (containing|contains|contain|that contains|including|includes|starting with|starts with|start with|beginning with|begins with|ending with|ends with|end with|like|matching|is|=))?"
              + "|(containing|starting with|starting|beginning with|ending with|matching|like|named like|prefixed with|that start with|that begin with|that contain|that end with))(?: the)?(?: (?:word|text|string|name|prefix))?(?= \\S)");
  private static final Pattern BARE =
      Phrases.of(
          "(?:(?:with|whose|has|have|where|and|the|a|an) )*" + NAMES + "(?: (?:is|are|of|=))*");
  private static final Pattern WORD =
      Phrases.of(
          "(?:(?:with|that|which|have|has|having|contain|contains|containing|including|include) )+(?:the |a )?(?:word|text|string|letters|substring) (\\S+)(?: (?:in|as part of)(?: (?:the|their|its))? names?)?");
  private static final Pattern ID =
      Pattern.compile("arn:aws[a-z-]*:.*|[a-z][a-z0-9]{0,9}(-[a-z]+)?-[0-9a-f]{8,17}");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    Token token = reading.question.get(reading.at());
    if (ID.matcher(token.text()).matches()) {
      Question question = reading.question;
      ofAnother(reading, token);
      reading.addOfAnything(
          new Condition.Named(Condition.Match.IS, token.text()), reading.at() + 1);
      while (reading.is("and", "or", ",")
          && question.has(reading.at() + 1)
          && ID.matcher(question.get(reading.at() + 1).text()).matches()) {
        reading.conditions.or();
        reading.skip(1);
        reading.addOfAnything(
            new Condition.Named(Condition.Match.IS, question.get(reading.at()).text()),
            reading.at() + 1);
      }
      return true;
    }
    Optional<Matcher> word = reading.question.match(reading.at(), WORD);
    if (word.isPresent()) {
      String text = reading.question.get(reading.at() + Phrases.words(word.get(), 1) - 1).text();
      reading.addOfAnything(
          condition(Condition.Match.CONTAINS, text), reading.at() + Phrases.words(word.get()));
      return true;
    }
    Optional<Matcher> found = reading.question.match(reading.at(), NAME);
    return found.isPresent() && named(reading, found.get());
  }

  /** No volume has an instance's id: they are related, and it must be said. */
  private static void ofAnother(Reading reading, Token id) throws NotUnderstood {
    Optional<String> type = Identifiers.type(id.lower());
    List<ResourceType> types = type.map(words -> reading.question.types(words)).orElse(List.of());
    if (!types.isEmpty()
        && !reading.subject().types().isEmpty()
        && Collections.disjoint(types, reading.subject().types())
        && Collections.disjoint(types, reading.types())) {
      throw new NotUnderstood(
          id.text(),
          "that is an id of another kind; say what it has to do with it, as in \"with the "
              + type.get()
              + " "
              + id.text()
              + "\"");
    }
  }

  private static boolean named(Reading reading, Matcher match) throws NotUnderstood {
    Question question = reading.question;
    boolean bare = match.group(1) == null && match.group(2) == null;
    if (bare && question.is(reading.at() + Phrases.words(match), "tag", "tags")) {
      return false; // "without a name tag"
    }
    int taken =
        match.group(1) != null
            ? Phrases.words(match, 1)
            : match.group(2) != null
                ? Phrases.words(match, 2)
                : question.match(reading.at(), BARE).map(Phrases::words).orElse(0);
    int value = reading.at() + taken;
    while (question.is(value, "the", "word", "text", "string", "prefix", "like", "=", "is")
        && question.has(value + 1)) {
      value++;
    }
    if ("like".equals(match.group(2))
        && (!reading.isSubjectSeen() || WordRule.isNothing(question.lower(value)))) {
      return false;
    }
    if (!question.has(value) || (bare && !isNamed(question, value))) {
      return false;
    }
    String how = bare ? "is" : match.group(1) != null ? match.group(1) : match.group(2);
    reading.addOfAnything(condition(way(how), question.get(value).text()), value + 1);
    return true;
  }

  /** Whether a name follows a mere "name" or "named", and not the question's next part. */
  private static boolean isNamed(Question question, int value) {
    boolean plural = question.is(value - 1, "names", "ids");
    boolean word = question.is(value - 1, "name", "names", "id", "ids");
    return !plural
        && !(word && WordRule.isNothing(question.lower(value)) && !question.get(value).quoted());
  }

  private static Condition.Match way(String how) {
    return how.contains("start") || how.contains("begin") || how.contains("prefix")
        ? Condition.Match.STARTS
        : how.contains("end")
            ? Condition.Match.ENDS
            : how.equals("is") || how.equals("=") ? Condition.Match.IS : Condition.Match.CONTAINS;
  }

  /** A star stands for anything. */
  private static Condition condition(Condition.Match way, String text) {
    if (!text.contains("*")) {
      return new Condition.Named(way, text);
    }
    Condition.Match star =
        !text.startsWith("*")
            ? Condition.Match.STARTS
            : text.endsWith("*") && text.length() > 1
                ? Condition.Match.CONTAINS
                : Condition.Match.ENDS;
    return new Condition.Named(star, text.replace("*", ""));
  }
}
