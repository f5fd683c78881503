package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Words that differ from one of the vocabulary by a letter or two. */
final class Spelling {
  /** Shorter words are too near to each other. */
  private static final int SHORTEST = 5;

  /** From this length on, two letters may be wrong. */
  private static final int LONG = 10;

  private final Set<String> words = new LinkedHashSet<>();

  /** Knows the words of the vocabulary and of the meanings, as people write them. */
  Spelling(Vocabulary vocabulary, Meanings meanings) {
    vocabulary.phrases().forEach(this::add);
    meanings.phrases().forEach(this::add);
    List.of(
            "runtime",
            "memory",
            "region",
            "account",
            "created",
            "changed",
            "without",
            "tagged",
            "untagged",
            "service",
            "average",
            "storage",
            "sorted",
            "grouped",
            "deleted",
            "larger",
            "bigger",
            "smaller",
            "older",
            "newest",
            "oldest",
            "largest",
            "biggest",
            "smallest",
            "production",
            "staging",
            "between",
            "engine",
            "number",
            "count")
        .forEach(this::add);
  }

  private void add(String phrase) {
    for (String word : phrase.split(" ", -1)) {
      if (word.length() >= SHORTEST - 1 && word.chars().allMatch(Character::isLetter)) {
        words.add(word);
      }
    }
  }

  /** The one word that was meant; nothing where several are as near, or where it is one itself. */
  Optional<String> of(String said) {
    String lower = said.toLowerCase(Locale.ROOT);
    String stem = Stems.of(lower);
    if (lower.length() < SHORTEST
        || words.contains(stem)
        || !lower.chars().allMatch(Character::isLetter)) {
      return Optional.empty();
    }
    int most = lower.length() >= LONG ? 2 : 1;
    List<String> nearest = new ArrayList<>();
    int least = most + 1;
    for (String word : words) {
      if (word.charAt(0) != stem.charAt(0) || Math.abs(word.length() - stem.length()) > most) {
        continue;
      }
      int edits = edits(stem, word);
      if (edits < least) {
        least = edits;
        nearest.clear();
      }
      if (edits == least && edits <= most) {
        nearest.add(word);
      }
    }
    return nearest.size() == 1 ? Optional.of(nearest.getFirst()) : Optional.empty();
  }

  /** Letters that are missing, too many, wrong or swapped with the next. */
  private static int edits(String one, String other) {
    int[][] least = new int[one.length() + 1][other.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= other.length(); j++) {
        if (i == 0 || j == 0) {
          least[i][j] = i + j;
          continue;
        }
        int same = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        least[i][j] =
            Math.min(least[i - 1][j - 1] + same, Math.min(least[i - 1][j], least[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && one.charAt(i - 1) == other.charAt(j - 2)
            && one.charAt(i - 2) == other.charAt(j - 1)) {
          least[i][j] = Math.min(least[i][j], least[i - 2][j - 2] + 1);
        }
      }
    }
    return least[one.length()][other.length()];
  }
}
