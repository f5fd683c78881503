package dev.freeway.dataplane;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in an expression of PromQL: what it reads, and the labels that it groups or joins by.
 * Whether the expression is right is promtool's to say.
 */
record Expression(List<Selector> selectors, Set<String> groupings) {
  /**
   * A metric that is read.
   *
   * @param matchers the operator and the value, without quotes, by the label's name
   */
  record Selector(String metric, Map<String, Match> matchers) {}

  /** The right side of {@code label="value"}. */
  record Match(String operator, String value) {}

  private static final Pattern TOKEN =
      Pattern.compile(
          "\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`[^`]*`" // strings
              + "|[A-Za-z_:$][\\w:]*" // names and Grafana's variables
              + "|[0-9][\\w.]*" // numbers and durations
              + "|=~|!~|!=|==|<=|>=|\\S");

  private static final Set<String> LISTS =
      Set.of("by", "without", "on", "ignoring", "group_left", "group_right");
  private static final Set<String> KEYWORDS =
      Set.of("and", "or", "unless", "bool", "offset", "atan2", "inf", "nan");

  /**
   * Reads the names.
   *
   * @throws IllegalArgumentException for a selector without a metric's name, which reads anything
   */
  static Expression parse(String promql) {
    List<String> tokens = TOKEN.matcher(promql).results().map(found -> found.group()).toList();
    List<Selector> selectors = new ArrayList<>();
    Set<String> groupings = new TreeSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      String next = i + 1 < tokens.size() ? tokens.get(i + 1) : "";
      if (LISTS.contains(token)) {
        if (next.equals("(")) {
          i += 2;
          for (; !tokens.get(i).equals(")"); i++) {
            if (!tokens.get(i).equals(",")) {
              groupings.add(tokens.get(i));
            }
          }
        }
      } else if (token.equals("{")) {
        throw new IllegalArgumentException(
            promql + ": a selector without a metric's name; expected one before {");
      } else if (isMetric(token, next)) {
        Map<String, Match> matchers = new LinkedHashMap<>();
        if (next.equals("{")) {
          i += 2;
          for (; !tokens.get(i).equals("}"); i++) {
            if (!tokens.get(i).equals(",")) {
              String value = tokens.get(i + 2);
              matchers.put(
                  tokens.get(i),
                  new Match(tokens.get(i + 1), value.substring(1, value.length() - 1)));
              i += 2;
            }
          }
        }
        selectors.add(new Selector(token, matchers));
      }
    }
    return new Expression(List.copyOf(selectors), groupings);
  }

  /** A function's name has its arguments behind it, an aggregation's its grouping or these. */
  private static boolean isMetric(String token, String next) {
    Matcher name = Pattern.compile("[A-Za-z_:][\\w:]*").matcher(token);
    return name.matches()
        && !KEYWORDS.contains(token.toLowerCase(java.util.Locale.ROOT))
        && !next.equals("(")
        && !next.equals("by")
        && !next.equals("without");
  }
}
