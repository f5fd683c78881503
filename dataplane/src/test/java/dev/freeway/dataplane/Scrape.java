package dev.freeway.dataplane;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The series that a router served, and what of an expression is not among them. */
record Scrape(List<Series> series) {
  /** One line of Prometheus' text, without its value. */
  record Series(String metric, Map<String, String> labels) {}

  /** Prometheus adds them to what it scrapes. */
  private static final Set<String> OF_TARGETS = Set.of("job", "instance");

  /** Series that Prometheus makes itself. */
  private static final Map<String, Set<String>> OF_PROMETHEUS =
      Map.of("up", Set.of(), "ALERTS", Set.of("alertname", "alertstate"));

  private static final Pattern LINE =
      Pattern.compile("^([A-Za-z_:][\\w:]*)(?:\\{(.*)})? \\S+$", Pattern.MULTILINE);
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  static Scrape parse(String text) {
    List<Series> series = new ArrayList<>();
    for (MatchResult line : LINE.matcher(text).results().toList()) {
      series.add(new Series(line.group(1), labels(line.group(2) == null ? "" : line.group(2))));
    }
    return new Scrape(List.copyOf(series));
  }

  private static Map<String, String> labels(String text) {
    Map<String, String> labels = new LinkedHashMap<>();
    LABEL.matcher(text).results().forEach(label -> labels.put(label.group(1), label.group(2)));
    return labels;
  }

  /** What an expression names and no router serves, each with where it stands; empty if all is. */
  List<String> unknown(String promql) {
    Expression expression = Expression.parse(promql);
    List<String> unknown = new ArrayList<>();
    for (Expression.Selector selector : expression.selectors()) {
      if (labelsOf(selector.metric()).isEmpty() && !isKnown(selector.metric())) {
        unknown.add(selector.metric());
      } else if (!isServed(selector)) {
        unknown.add(selector.metric() + selector.matchers());
      }
    }
    Set<String> labels = labels(expression);
    for (String label : expression.groupings()) {
      if (!labels.contains(label)) {
        unknown.add("label " + label);
      }
    }
    return unknown;
  }

  /** Labels of everything that an expression reads, those of targets included. */
  Set<String> labels(Expression expression) {
    Set<String> labels = new TreeSet<>(OF_TARGETS);
    expression.selectors().forEach(selector -> labels.addAll(labelsOf(selector.metric())));
    return labels;
  }

  private boolean isKnown(String metric) {
    return OF_PROMETHEUS.containsKey(metric)
        || series.stream().anyMatch(one -> one.metric().equals(metric));
  }

  private Set<String> labelsOf(String metric) {
    Set<String> labels = new TreeSet<>(OF_PROMETHEUS.getOrDefault(metric, Set.of()));
    series.stream()
        .filter(one -> one.metric().equals(metric))
        .forEach(one -> labels.addAll(one.labels().keySet()));
    return labels;
  }

  /** Of values only those count that are neither patterns nor one router's own. */
  private boolean isServed(Expression.Selector selector) {
    Map<String, Expression.Match> matchers = new LinkedHashMap<>(selector.matchers());
    matchers.keySet().removeAll(OF_TARGETS);
    return OF_PROMETHEUS.containsKey(selector.metric())
        ? labelsOf(selector.metric()).containsAll(matchers.keySet())
        : series.stream()
            .filter(one -> one.metric().equals(selector.metric()))
            .anyMatch(
                one ->
                    matchers.entrySet().stream()
                        .allMatch(match -> fits(one, match.getKey(), match.getValue())));
  }

  private static boolean fits(Series series, String label, Expression.Match match) {
    String value = series.labels().get(label);
    boolean ofTheService = Set.of("protocol", "address", "port", "destination").contains(label);
    return value != null
        && (ofTheService || !match.operator().equals("=") || value.equals(match.value()));
  }
}
