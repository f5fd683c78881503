package dev.freeway.controlplane.ask;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What came of a question. */
public sealed interface Understanding {
  /**
   * It was understood.
   *
   * @param sentence what, in one English sentence
   * @param sql one SELECT, with {@code :name} for every value
   * @param values of these
   */
  record Understood(String sentence, String sql, Map<String, String> values)
      implements Understanding {
    /** Copies the values. */
    public Understood {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The statement for people to read and to copy: with its values as literals. */
    public String readable() {
      String text = sql;
      for (Map.Entry<String, String> value : values.entrySet()) {
        text =
            text.replaceAll(
                ":" + value.getKey() + "\\b",
                java.util.regex.Matcher.quoteReplacement(SqlText.literal(value.getValue())));
      }
      return text;
    }
  }

  /**
   * It was not.
   *
   * @param why which word, and what is wrong with it
   * @param nearest questions that would be understood
   */
  record Not(String why, List<String> nearest) implements Understanding {
    /** Copies the questions. */
    public Not {
      nearest = List.copyOf(nearest);
    }
  }
}
