package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is asked for.
 *
 * @param types which; none for everything
 * @param words as sentences have them
 */
record Subject(List<ResourceType> types, String words) {
  private static final int NAMED = 5;

  /** Copies the types. */
  Subject {
    types = List.copyOf(types);
  }

  static final Subject EVERYTHING = new Subject(List.of(), "resources");

  static Subject of(List<ResourceType> types) {
    Set<String> names = new LinkedHashSet<>();
    types.forEach(type -> names.add(Vocabulary.plural(type)));
    List<String> shown = List.copyOf(names);
    String words =
        shown.size() <= NAMED
            ? and(shown)
            : and(shown.subList(0, NAMED)) + " and " + (shown.size() - NAMED) + " more types";
    return new Subject(types, words);
  }

  private static String and(List<String> words) {
    return words.size() < 2
        ? String.join("", words)
        : String.join(", ", words.subList(0, words.size() - 1)) + " and " + words.getLast();
  }

  boolean isEverything() {
    return types.isEmpty();
  }

  /** Those of which conditions hold. */
  String sentence(List<Condition> conditions) {
    if (conditions.isEmpty()) {
      return words;
    }
    return words
        + conditions.stream()
            .map(Condition::text)
            .map(text -> text.startsWith("whose ") ? " " + text : " that " + text)
            .collect(Collectors.joining(","));
  }
}
