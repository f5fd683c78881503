package dev.freeway.controlplane.serve;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Understands questions in English. */
@FunctionalInterface
public interface Questions {
  /**
   * Understands a question, or does not; runs nothing.
   *
   * @param account twelve digits, of this one alone
   */
  Meaning ask(String question, Optional<String> account);

  /** What came of a question. */
  sealed interface Meaning {}

  /**
   * It was understood.
   *
   * @param sentence what, in one sentence
   * @param sql one SELECT with {@code :name} for every value
   * @param values of these
   * @param readable the SELECT with its values in it, to be read
   */
  record Understood(String sentence, String sql, Map<String, String> values, String readable)
      implements Meaning {
    /** Copies the values. */
    public Understood {
      values = Map.copyOf(values);
    }
  }

  /**
   * It was not.
   *
   * @param why in words
   * @param nearest questions that would be understood
   */
  record Unclear(String why, List<String> nearest) implements Meaning {
    /** Copies the list. */
    public Unclear {
      nearest = List.copyOf(nearest);
    }
  }
}
