package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What can be grouped, ordered or shown by. */
final class Keys {
  private Keys() {}

  static Intent.Key.Member member(Map<ResourceType, Field> fields) {
    return new Intent.Key.Member(fields, fields.values().iterator().next().words());
  }

  /** The one that begins at a word. */
  static Optional<Found<Intent.Key>> find(Reading reading, int from) {
    Question question = reading.question;
    int start = question.skip(from, "the", "a", "each", "their", "its", "every", "by", "per");
    if (!question.has(start)) {
      return Optional.empty();
    }
    if (question.is(start, "tag", "tags") && question.has(start + 1)) {
      String key = Tags.key(reading.known, question.get(start + 1).text());
      return found(new Intent.Key.TagValue(key), start + 2);
    }
    return tagFirst(reading, start)
        .or(() -> member(reading, start))
        .or(() -> column(reading, start))
        .or(() -> tag(reading, start))
        .or(() -> other(reading, start));
  }

  private static Optional<Found<Intent.Key>> found(Intent.Key key, int end) {
    return Optional.of(new Found<>(key, end));
  }

  /** A key of tags before a member of which it is a mere part: "owner", of OwnerId. */
  private static Optional<Found<Intent.Key>> tagFirst(Reading reading, int start) {
    Question question = reading.question;
    return reading
        .field(start)
        .filter(field -> field.end() == start + 1)
        .filter(field -> !question.isPlain(reading.types(), field.what(), start, start + 1))
        .flatMap(field -> tag(reading, start));
  }

  private static Optional<Found<Intent.Key>> member(Reading reading, int start) {
    return reading
        .field(start)
        .filter(
            field ->
                field.end() > start + 1
                    || !reading.question.is(
                        start, "region", "account", "service", "name", "type", "id"))
        .map(field -> new Found<>(member(field.what()), field.end()));
  }

  private static Optional<Found<Intent.Key>> column(Reading reading, int start) {
    Question question = reading.question;
    return switch (question.lower(start)) {
      case "region", "regions" -> found(new Intent.Key.Column("region"), start + 1);
      case "account", "accounts" -> found(new Intent.Key.Column("account_id"), start + 1);
      case "service", "services" -> found(new Intent.Key.Column("service"), start + 1);
      case "name", "names" -> found(new Intent.Key.Column("name"), start + 1);
      case "id", "ids" -> found(new Intent.Key.Column("id"), start + 1);
      case "age", "created", "creation" ->
          found(
              new Intent.Key.Column("created"),
              question.is(start + 1, "date", "time") ? start + 2 : start + 1);
      case "resource" ->
          question.is(start + 1, "type", "types")
              ? found(new Intent.Key.Column("type"), start + 2)
              : Optional.empty();
      case "type", "types", "kind" -> {
        Optional<Found<Map<ResourceType, Field>>> field = reading.field(start);
        yield field.isPresent() && reading.types().size() == 1 && !reading.subject().isEverything()
            ? found(member(field.get().what()), field.get().end())
            : found(new Intent.Key.Column("type"), start + 1);
      }
      case "day", "month", "year" -> {
        String unit = question.lower(start);
        int characters = unit.equals("day") ? 10 : unit.equals("month") ? 7 : 4;
        yield found(
            new Intent.Key.Period(unit, characters),
            question.skip(start + 1, "of", "creation", "created"));
      }
      default -> Optional.empty();
    };
  }

  private static Optional<Found<Intent.Key>> tag(Reading reading, int start) {
    Token token = reading.question.get(start);
    for (String key : reading.known.tags().keySet()) {
      if (key.equalsIgnoreCase(token.text())
          || Stems.phrase(key).equals(Stems.phrase(token.text()))) {
        return found(new Intent.Key.TagValue(key), reading.question.skip(start + 1, "tag", "tags"));
      }
    }
    Optional<String> two = TagRule.twoWords(reading, start);
    if (two.isPresent()) {
      return found(new Intent.Key.TagValue(two.get()), start + 2);
    }
    return token.is("owner", "team", "environment", "project", "costcenter", "application")
        ? found(new Intent.Key.TagValue(capital(token.text())), start + 1)
        : Optional.empty();
  }

  private static String capital(String word) {
    return word.equalsIgnoreCase("costcenter")
        ? "CostCenter"
        : word.substring(0, 1).toUpperCase(Locale.ROOT)
            + word.substring(1).toLowerCase(Locale.ROOT);
  }

  private static Optional<Found<Intent.Key>> other(Reading reading, int start) {
    Optional<Mention> mention = reading.question.mention(start);
    if (mention.isEmpty() || reading.current().isEverything()) {
      return Optional.empty();
    }
    String service = reading.types().getFirst().service();
    boolean one = mention.get().types().size() == 1;
    return mention.get().types().stream()
        .filter(type -> one || type.service().equals(service))
        .findFirst()
        .map(type -> new Found<>(new Intent.Key.Other(type), mention.get().end()));
  }
}
