package dev.freeway.controlplane.ask;

import java.util.regex.Pattern;

/** Words that compare numbers. */
final class Comparing {
  static final Pattern BETWEEN =
      Phrases.of("(?:is |are )?between (\\d[\\d.,]*) ?([a-z]*) and (\\d[\\d.,]*) ?([a-z]*)");

  /** A sign or its words, after words that only lead to it. */
  static final Pattern SIGN =
      Phrases.of(
          "(?:(?:is|are|was|of|that is|that are|has|have|with|a|to|set to|set|being|count) )*"
              + "(>=|<=|!=|<>|==|=|>|<|greater than or equal to|more than or equal to|less than or equal to"
              + "|greater than|larger than|bigger than|higher than|longer than|more than|fewer than|less than"
              + "|smaller than|lower than|shorter than|newer than|older than|at least|at most|no more than"
              + "|no less than|not more than|not less than|up to|over|above|exceeding|exceeds|under|below|beyond|exactly|equal to|equals"
              + "|not equal to|other than|bigger|is not|not)(?: (?:or equal to|than))?");

  private Comparing() {}

  /** Whether a comparison or a number stands there. */
  static boolean follows(Question question, int from) {
    String rest = question.rest(from);
    return question.match(from, BETWEEN).isPresent()
        || (question.match(from, SIGN).isPresent() && !rest.matches("not(?: .*)?"))
        || (question.lower(from).matches("\\d[\\d.]*[a-z]{0,3}")
            && !rest.matches("\\d+ .*(?:tags?).*"));
  }

  static Expression.Operator operator(String words) {
    return switch (words) {
      case ">=",
          "at least",
          "no less than",
          "not less than",
          "greater than or equal to",
          "more than or equal to" ->
          Expression.Operator.AT_LEAST;
      case "<=", "at most", "no more than", "not more than", "up to", "less than or equal to" ->
          Expression.Operator.AT_MOST;
      case ">",
          "greater than",
          "larger than",
          "bigger than",
          "higher than",
          "longer than",
          "more than",
          "over",
          "above",
          "beyond",
          "exceeding",
          "exceeds",
          "bigger" ->
          Expression.Operator.MORE;
      case "<",
          "fewer than",
          "less than",
          "smaller than",
          "lower than",
          "shorter than",
          "under",
          "below" ->
          Expression.Operator.LESS;
      case "!=", "<>", "not equal to", "other than", "is not", "not" ->
          Expression.Operator.NOT_EQUAL;
      default -> Expression.Operator.EQUAL;
    };
  }
}
