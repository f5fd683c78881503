package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Words of a question that name types or services.
 *
 * @param start the first token
 * @param end the token after
 * @param types which; none for everything
 * @param service whether a service alone is named
 */
record Mention(int start, int end, List<ResourceType> types, boolean service) {
  private static final int LONGEST = 8;
  private static final Set<String> GENERIC =
      Set.of(
          "resource",
          "thing",
          "stuff",
          "everything",
          "asset",
          "item",
          "object",
          "anything",
          "component");

  /** Copies the types. */
  Mention {
    types = List.copyOf(types);
  }

  boolean isEverything() {
    return types.isEmpty();
  }

  /** The longest that begins at a token. */
  static Optional<Mention> at(List<Token> tokens, int start, Vocabulary vocabulary) {
    List<String> words = new ArrayList<>();
    List<Integer> ends = new ArrayList<>(); // the token that each word ends, -1 within one
    for (int i = start; i < tokens.size() && words.size() < LONGEST; i++) {
      Token token = tokens.get(i);
      if (token.quoted() || token.stems().isEmpty()) {
        break;
      }
      for (int j = 0; j < token.stems().size(); j++) {
        words.add(token.stems().get(j));
        ends.add(j == token.stems().size() - 1 ? i + 1 : -1);
      }
    }
    for (int length = words.size(); length > 0; length--) {
      if (ends.get(length - 1) < 0) {
        continue;
      }
      Optional<Mention> found =
          of(words.subList(0, length), start, ends.get(length - 1), vocabulary);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private static Optional<Mention> of(
      List<String> words, int start, int end, Vocabulary vocabulary) {
    String phrase = String.join(" ", words);
    // A service and one of its types; and what all of its types are called.
    for (int split = words.size() - 1; split > 0; split--) {
      Set<String> services = vocabulary.services(String.join(" ", words.subList(0, split)));
      String rest = String.join(" ", words.subList(split, words.size()));
      if (services.isEmpty()) {
        continue;
      }
      List<ResourceType> types = vocabulary.typesFor(services, rest);
      if (!types.isEmpty()) {
        return Optional.of(new Mention(start, end, types, false));
      }
      if (GENERIC.contains(rest) || rest.equals("service")) {
        return Optional.of(new Mention(start, end, vocabulary.of(services), true));
      }
    }
    if (words.size() == 1 && GENERIC.contains(phrase)) {
      return Optional.of(new Mention(start, end, List.of(), false));
    }
    Set<ResourceType> types = vocabulary.typesFor(phrase);
    if (!types.isEmpty()) {
      return Optional.of(new Mention(start, end, List.copyOf(new LinkedHashSet<>(types)), false));
    }
    Set<String> services = vocabulary.services(phrase);
    return services.isEmpty()
        ? Optional.empty()
        : Optional.of(new Mention(start, end, vocabulary.of(services), true));
  }
}
