package dev.freeway.controlplane.ask;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** "How many different runtimes", "the most common instance type": values, and not resources. */
final class DistinctRule implements Rule {
  private static final int LONGEST = 5;
  private static final String DIFFERENT = "(?:distinct|different|unique)";
  private static final Pattern HOW_MANY =
      Phrases.of("(?:how many|(?:the )?number of|count(?: of| the| all)*)(?: the)? " + DIFFERENT);
  private static final Pattern LIST = Phrases.of("(?:the |all )*" + DIFFERENT);
  private static final Pattern COMMON =
      Phrases.of(
          "(?:the )?(?:(\\d{1,4}|two|three|four|five|ten) )?(most|least) (?:(?:commonly|frequently|widely|often) )?(?:common|popular|frequent|used)");
  private static final Pattern TOP = Phrases.of("(?:the )?top (\\d{1,4}|two|three|four|five|ten)");
  private static final Pattern IS_COMMON =
      Phrases.of(
          "(?:is|are) (?:being )?(?:the )?(?:used )?(most|least)(?: (?:commonly|frequently|widely|often))?(?: (?:common|popular|frequent|used))?");

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    return howMany(reading)
        || common(reading)
        || top(reading)
        || isCommon(reading)
        || list(reading);
  }

  private static boolean howMany(Reading reading) {
    Optional<Matcher> match = reading.question.match(reading.at(), HOW_MANY);
    Optional<Found<Intent.Key>> key = match.flatMap(words -> key(reading, Phrases.words(words)));
    if (key.isEmpty()) {
      return false;
    }
    reading.draft.compute("distinct");
    reading.draft.of(key.get().what());
    return said(reading, key.get().end());
  }

  private static boolean list(Reading reading) {
    Optional<Matcher> match = reading.question.match(reading.at(), LIST);
    Optional<Found<Intent.Key>> key = match.flatMap(words -> key(reading, Phrases.words(words)));
    if (key.isEmpty()) {
      return false;
    }
    reading.draft.group(key.get().what());
    return said(reading, key.get().end());
  }

  private static boolean common(Reading reading) throws NotUnderstood {
    Optional<Matcher> match = reading.question.match(reading.at(), COMMON);
    Optional<Found<Intent.Key>> key = match.flatMap(words -> key(reading, Phrases.words(words)));
    if (key.isEmpty()) {
      return false;
    }
    int named = reading.at() + Phrases.words(match.get());
    if (key.get().end() == reading.subjectEnd()
        && reading
            .question
            .mention(named)
            .filter(mention -> mention.end() == key.get().end())
            .isPresent()) {
      throw new NotUnderstood(
          reading.question.words(named, key.get().end()), "say of what, as \"of instances\"");
    }
    group(reading, key.get(), match.get().group(2).equals("most"));
    if (match.get().group(1) != null) {
      reading.draft.limit(String.valueOf(Span.number(match.get().group(1))));
    }
    return said(reading, reading.question.skip(key.get().end(), "used", "by", "among", "across"));
  }

  /** "Top 5 instance types": those that there are most of. */
  private static boolean top(Reading reading) {
    Optional<Matcher> match = reading.question.match(reading.at(), TOP);
    Optional<Found<Intent.Key>> key = match.flatMap(words -> key(reading, Phrases.words(words)));
    if (key.isEmpty()
        || !isValue(key.get().what())
        || reading.question.is(key.get().end(), "by", "with", "ranked", "sorted")
        || reading
            .question
            .mention(reading.at() + Phrases.words(match.get()))
            .filter(mention -> mention.end() == key.get().end()) // "top 10 buckets"
            .isPresent()) {
      return false;
    }
    group(reading, key.get(), true);
    reading.draft.limit(String.valueOf(Span.number(match.get().group(1))));
    return said(reading, reading.question.skip(key.get().end(), "used", "by", "among", "across"));
  }

  /** Whether there are resources with the same, that can be counted. */
  private static boolean isValue(Intent.Key key) {
    return switch (key) {
      case Intent.Key.Member member -> member.fields().values().stream().noneMatch(Field::isNumber);
      case Intent.Key.Column(String column) -> List.of("region", "account_id").contains(column);
      case Intent.Key.TagValue _ -> true;
      default -> false;
    };
  }

  /** Whether it ends at a word: "the most common" before what is counted. */
  static boolean isBefore(Question question, int index) {
    for (int from = Math.max(0, index - LONGEST); from < index; from++) {
      int first = from;
      Optional<Matcher> match = question.match(from, COMMON).or(() -> question.match(first, TOP));
      if (match.isPresent() && from + Phrases.words(match.get()) == index) {
        return true;
      }
    }
    return false;
  }

  /** Whether "is most common" and the like begins at a word. */
  static boolean isAfter(Question question, int index) {
    return question.match(index, IS_COMMON).isPresent();
  }

  /** "Which instance type is most common". */
  private static boolean isCommon(Reading reading) {
    if (!reading.is("which", "what")) {
      return false;
    }
    Optional<Found<Intent.Key>> key = key(reading, 1);
    Optional<Matcher> match = key.flatMap(found -> reading.question.match(found.end(), IS_COMMON));
    if (match.isEmpty()) {
      return false;
    }
    group(reading, key.get(), match.get().group(1).equals("most"));
    return said(reading, key.get().end() + Phrases.words(match.get()));
  }

  /** Counts by a key, of which one alone is asked for where it is not in the plural. */
  static void group(Reading reading, Found<Intent.Key> key, boolean most) {
    there(reading, key.what());
    reading.draft.group(key.what());
    reading.draft.count();
    reading.draft.order(Intent.NUMBER, most);
    if (!reading.question.lower(key.end() - 1).endsWith("s")) {
      reading.draft.limit("1");
      reading.draft.firstOfAll();
    }
  }

  /** Only what has a value: none is not the most common. */
  static void there(Reading reading, Intent.Key key) {
    switch (key) {
      case Intent.Key.Member member -> reading.conditions.add(new Condition.Has(member.fields()));
      case Intent.Key.TagValue(String tag) ->
          reading.conditions.add(new Condition.Tag(tag, List.of()));
      default -> {}
    }
  }

  private static Optional<Found<Intent.Key>> key(Reading reading, int words) {
    return Keys.find(reading, reading.at() + words)
        .filter(key -> !(key.what() instanceof Intent.Key.Other));
  }

  private static boolean said(Reading reading, int end) {
    reading.say();
    reading.draft.ofValues();
    if (end >= reading.subjectEnd() && reading.subjectEnd() > reading.at()) {
      reading.seeSubject(reading.subjectEnd()); // "instance type" has named what it is of
    }
    reading.goTo(end);
    return true;
  }
}
