package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A question's words, and what stands at each of them. Does not change. */
final class Question {
  /** In place of a word in quotes: no pattern has it. */
  private static final String QUOTED = "\u0002";

  private static final int LONGEST_MEANING = 8;
  private static final int LONGEST_FIELD = 5;

  /** Of more types than these, members are not looked for. */
  private static final int MANY_TYPES = 30;

  private final List<Token> tokens;
  private final List<String> lower = new ArrayList<>();
  private final Vocabulary vocabulary;
  private final Meanings meanings;
  private final Fields fields;

  Question(List<Token> tokens, Vocabulary vocabulary, Meanings meanings, Fields fields) {
    this.tokens = List.copyOf(tokens);
    this.vocabulary = vocabulary;
    this.meanings = meanings;
    this.fields = fields;
    for (Token token : tokens) {
      lower.add(token.quoted() ? QUOTED : token.lower().replace(' ', '\u0003'));
    }
  }

  int size() {
    return tokens.size();
  }

  boolean has(int index) {
    return index >= 0 && index < tokens.size();
  }

  Token get(int index) {
    return tokens.get(index);
  }

  Token last() {
    return tokens.getLast();
  }

  /** Whether there is such a word, and it is one of these. */
  boolean is(int index, String... words) {
    return has(index) && tokens.get(index).is(words);
  }

  /** A word in lower case; nothing of a quoted one. */
  String lower(int index) {
    return has(index) ? lower.get(index) : "";
  }

  /** Everything from a word on, in lower case. */
  String rest(int from) {
    return String.join(" ", lower.subList(Math.min(from, lower.size()), lower.size()));
  }

  /** What a pattern of {@link Phrases} finds that begins at a word. */
  Optional<Matcher> match(int from, Pattern pattern) {
    Matcher matcher = pattern.matcher(rest(from));
    return matcher.lookingAt() ? Optional.of(matcher) : Optional.empty();
  }

  /** The first word from one on that is none of these. */
  int skip(int from, String... words) {
    int index = from;
    while (is(index, words)) {
      index++;
    }
    return index;
  }

  Optional<Mention> mention(int from) {
    return has(from) ? Mention.at(tokens, from, vocabulary) : Optional.empty();
  }

  /** Whether words, after "more than 5" and the like, are a type's name and no mere part of it. */
  boolean isListed(int from, int end) {
    for (int start = from; start < end; start++) {
      StringBuilder phrase = new StringBuilder();
      for (int i = start; i < end; i++) {
        append(phrase, tokens.get(i));
      }
      if (vocabulary.isListed(phrase.toString())) {
        return true;
      }
    }
    return false;
  }

  /** The types of services, by the column, that the last words before one mean. */
  List<ResourceType> types(Set<String> services, int from, int end) {
    for (int start = from; start < end; start++) {
      StringBuilder phrase = new StringBuilder();
      for (int i = start; i < end; i++) {
        append(phrase, tokens.get(i));
      }
      List<ResourceType> found =
          vocabulary.types().stream()
              .filter(type -> services.contains(type.service()))
              .filter(type -> Vocabulary.bareNames(type).contains(phrase.toString()))
              .toList();
      if (!found.isEmpty()) {
        return found;
      }
    }
    return List.of();
  }

  /** The types of the service that words name; none when they name none. */
  List<ResourceType> service(int from, int end) {
    StringBuilder phrase = new StringBuilder();
    for (int i = from; i < end; i++) {
      append(phrase, tokens.get(i));
    }
    return vocabulary.of(vocabulary.services(phrase.toString()));
  }

  /** As they were typed. */
  String words(int from, int end) {
    return tokens.subList(from, end).stream().map(Token::text).collect(Collectors.joining(" "));
  }

  /** The types that a phrase of stems means. */
  List<ResourceType> types(String phrase) {
    return List.copyOf(vocabulary.typesFor(phrase));
  }

  /** The longest phrase with a meaning for some of the types, of so many words at least. */
  Optional<Found<Meanings.Said>> meaning(int from, List<ResourceType> types, int least) {
    StringBuilder phrase = new StringBuilder();
    Optional<Found<Meanings.Said>> best = Optional.empty();
    for (int i = from; i < tokens.size() && i < from + LONGEST_MEANING; i++) {
      if (tokens.get(i).quoted()) {
        break;
      }
      append(phrase, tokens.get(i));
      List<Meanings.Said> said = meanings.of(phrase.toString(), types);
      if (!said.isEmpty() && i + 1 - from >= least) {
        best = Optional.of(new Found<>(said.getFirst(), i + 1));
      }
    }
    return best;
  }

  /** All that words mean, each of types of its own. */
  List<Meanings.Said> meanings(int from, int end) {
    StringBuilder phrase = new StringBuilder();
    for (int i = from; i < end; i++) {
      append(phrase, tokens.get(i));
    }
    return meanings.of(phrase.toString(), List.of());
  }

  /** The longest phrase that is a member of what is asked for. */
  Optional<Found<Map<ResourceType, Field>>> field(int from, Subject subject) {
    if (subject.isEverything() || subject.types().size() > MANY_TYPES) {
      return Optional.empty();
    }
    StringBuilder phrase = new StringBuilder();
    Optional<Found<Map<ResourceType, Field>>> best = Optional.empty();
    for (int i = from; i < tokens.size() && i < from + LONGEST_FIELD; i++) {
      if (tokens.get(i).quoted() || tokens.get(i).stems().isEmpty()) {
        break;
      }
      append(phrase, tokens.get(i));
      Map<ResourceType, Field> found = fields(subject.types(), phrase.toString());
      if (!found.isEmpty()) {
        best = Optional.of(new Found<>(found, i + 1));
      }
    }
    return best;
  }

  /** Whether words are all that a member of every type is called, and no mere part of it. */
  boolean isPlain(List<ResourceType> types, Map<ResourceType, Field> found, int from, int end) {
    StringBuilder phrase = new StringBuilder();
    for (int i = from; i < end; i++) {
      append(phrase, tokens.get(i));
    }
    String said = phrase.toString();
    return types.stream()
        .allMatch(
            type -> {
              Field field = found.get(type);
              return field != null
                  && (fields.isListed(type, said)
                      || String.join(" ", Stems.camel(field.path().steps().getFirst()))
                          .startsWith(said));
            });
  }

  /** The members of types that a phrase names. */
  Map<ResourceType, Field> fields(List<ResourceType> types, String phrase) {
    Map<ResourceType, Field> found = new LinkedHashMap<>();
    for (ResourceType type : types) {
      fields.of(type, phrase).ifPresent(field -> found.put(type, field));
    }
    return found;
  }

  /** The first member that holds a size, a number. */
  Optional<Map<ResourceType, Field>> size(List<ResourceType> types) {
    for (String phrase : List.of("size", "storage", "memory", "code size")) {
      Map<ResourceType, Field> found = fields(types, phrase);
      found.values().removeIf(field -> !field.isNumber());
      if (!found.isEmpty()) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  /** What a value that stands alone says: {@code t3.micro}. */
  Optional<Condition> value(int index, List<ResourceType> types) {
    return Values.of(tokens.get(index), types, fields);
  }

  private static void append(StringBuilder phrase, Token token) {
    for (String stem : token.stems()) {
      phrase.append(phrase.isEmpty() ? "" : " ").append(stem);
    }
  }
}
