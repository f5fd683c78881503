package dev.freeway.controlplane.ask;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which examples are the most like a question that is not understood. */
final class Nearest {
  private static final int MOST = 3;

  /** Words that are shorter are in every question. */
  private static final int SHORTEST = 3;

  /** An example with its words, split once: there are a thousand of them. */
  private record Split(String question, List<String> words) {
    double likeness(Set<String> said) {
      int shared = 0;
      for (String word : words) {
        if (word.length() >= SHORTEST && said.contains(word)) {
          shared++;
        }
      }
      return shared / Math.sqrt(words.size());
    }
  }

  private record Scored(String question, double likeness) {}

  /** Only who is not understood needs them. */
  private static final class Holder {
    static final List<Split> ALL =
        Example.all().stream()
            .map(each -> new Split(each.question(), Stems.words(each.question())))
            .toList();
  }

  private Nearest() {}

  /** A few, the most alike first; none where no word is shared. */
  static List<String> to(String question) {
    Set<String> said = new HashSet<>(Stems.words(question));
    return Holder.ALL.stream()
        .map(each -> new Scored(each.question(), each.likeness(said)))
        .filter(each -> each.likeness() > 0)
        .sorted(Comparator.comparingDouble(Scored::likeness).reversed())
        .limit(MOST)
        .map(Scored::question)
        .toList();
  }
}
