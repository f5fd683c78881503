package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.Path;
import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** SQL in the making, with what people said bound as {@code :p1} and so on. */
final class SqlText {
  private final Map<String, String> values = new LinkedHashMap<>();
  private int aliases;

  Map<String, String> values() {
    return values;
  }

  /** Binds a value. */
  String bind(String value) {
    for (Map.Entry<String, String> known : values.entrySet()) {
      if (known.getValue().equals(value)) {
        return ":" + known.getKey();
      }
    }
    String name = "p" + (values.size() + 1);
    values.put(name, value);
    return ":" + name;
  }

  /** A new alias of a table. */
  String alias(String letter) {
    return letter + ++aliases;
  }

  /** Text of this program as a literal. */
  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** That a row is of one of the types. */
  static String types(String row, List<ResourceType> types) {
    Map<String, List<String>> byService = new LinkedHashMap<>();
    types.stream()
        .sorted(Comparator.comparing(ResourceType::key))
        .forEach(
            type ->
                byService
                    .computeIfAbsent(type.service(), key -> new ArrayList<>())
                    .add(literal(type.name())));
    return byService.entrySet().stream()
        .map(
            each ->
                "%s.service = %s AND %s.type %s"
                    .formatted(
                        row,
                        literal(each.getKey()),
                        row,
                        each.getValue().size() == 1
                            ? "= " + each.getValue().getFirst()
                            : "IN (" + String.join(", ", each.getValue()) + ")"))
        .collect(Collectors.joining(" OR ", "(", ")"));
  }

  /** The value at a path without lists. */
  static String at(String document, String path) {
    return "json_extract(" + document + ", '$." + path + "')";
  }

  /** A condition on every value at a path, of which one has to hold it. */
  String some(String row, Path path, UnaryOperator<String> condition) {
    return some(row + ".details", path.text(), condition);
  }

  private String some(String document, String path, UnaryOperator<String> condition) {
    int list = path.indexOf("[]");
    if (list < 0) {
      return "coalesce(" + condition.apply(at(document, path)) + ", FALSE)";
    }
    String alias = alias("e");
    String rest = path.substring(list + 2);
    String inner =
        rest.isEmpty()
            ? condition.apply(alias + ".value")
            : some(alias + ".value", rest.substring(1), condition);
    return "EXISTS (SELECT 1 FROM json_each("
        + document
        + ", '$."
        + path.substring(0, list)
        + "') "
        + alias
        + " WHERE "
        + inner
        + ")";
  }

  /** An expression of the table of meanings. */
  String of(String row, Expression expression) {
    return of(row, row + ".details", expression);
  }

  private String of(String row, String document, Expression expression) {
    return switch (expression) {
      case Expression.There there ->
          some(
              document,
              there.path().text(),
              value -> "CAST(" + value + " AS TEXT) NOT IN ('', '0', 'false', '[]', '{}')");
      case Expression.Compare compare -> compare(row, document, compare);
      case Expression.Attribute attribute -> {
        String alias = alias("e");
        yield "EXISTS (SELECT 1 FROM json_each(%s, '$.%s') %s WHERE %s = %s AND %s)"
            .formatted(
                document,
                attribute.list(),
                alias,
                at(alias + ".value", "Key"),
                literal(attribute.key()),
                plain(at(alias + ".value", "Value"), attribute.operator(), attribute.value()));
      }
      case Expression.Element element -> {
        String alias = alias("e");
        yield "EXISTS (SELECT 1 FROM json_each(%s, '$.%s') %s WHERE %s)"
            .formatted(document, element.list(), alias, of(row, alias + ".value", element.of()));
      }
      case Expression.Not not -> "NOT " + of(row, document, not.of());
      case Expression.All all ->
          all.of().isEmpty() ? "TRUE" : joined(row, document, all.of(), " AND ");
      case Expression.Any any ->
          any.of().isEmpty() ? "FALSE" : joined(row, document, any.of(), " OR ");
    };
  }

  private String joined(String row, String document, List<Expression> parts, String between) {
    return parts.stream()
        .map(part -> of(row, document, part))
        .collect(Collectors.joining(between, "(", ")"));
  }

  private String compare(String row, String document, Expression.Compare compare) {
    return switch (compare.take()) {
      case TEXT ->
          compare.operator() == Expression.Operator.NOT_EQUAL
              ? "NOT "
                  + some(
                      document,
                      compare.path().text(),
                      value -> plain(value, Expression.Operator.EQUAL, compare.value()))
              : some(
                  document,
                  compare.path().text(),
                  value -> plain(value, compare.operator(), compare.value()));
      case FOREIGN ->
          some(
              document,
              compare.path().text(),
              value ->
                  "(CAST(%1$s AS TEXT) = '*' OR (CAST(%1$s AS TEXT) LIKE 'arn:%%' OR length(CAST(%1$s AS TEXT)) = 12) AND CAST(%1$s AS TEXT) <> %2$s.account_id AND CAST(%1$s AS TEXT) NOT LIKE '%%::' || %2$s.account_id || ':%%')"
                      .formatted(value, row));
      case SIZE -> length(document, compare.path(), compare.operator(), compare.value());
      case DAYS_AHEAD, DAYS_AGO ->
          some(
              document,
              compare.path().text(),
              value ->
                  (compare.take() == Expression.Take.DAYS_AHEAD
                          ? "julianday(" + value + ") - julianday('now') "
                          : "julianday('now') - julianday(" + value + ") ")
                      + compare.operator().sql
                      + " "
                      + compare.value());
    };
  }

  /** How many elements a list has, none where there is no list. */
  static String size(String row, Path path, Expression.Operator operator, String number) {
    return length(row + ".details", path, operator, number);
  }

  private static String length(
      String document, Path path, Expression.Operator operator, String number) {
    return "coalesce(json_array_length(%s, '$.%s'), 0) %s %s"
        .formatted(document, path.text().replace("[]", ""), operator.sql, number);
  }

  private static String plain(String value, Expression.Operator operator, String constant) {
    if (operator.isOrder()) {
      return "CAST(" + value + " AS NUMERIC) " + operator.sql + " " + constant;
    }
    if (operator == Expression.Operator.LIKE) {
      return "lower(CAST(" + value + " AS TEXT)) LIKE " + literal(constant);
    }
    List<String> same = new ArrayList<>(List.of(literal(constant)));
    if (constant.equals("true")) {
      same.add("'1'");
    } else if (constant.equals("false")) {
      same.add("'0'");
    }
    return "CAST("
        + value
        + " AS TEXT) "
        + (operator == Expression.Operator.EQUAL ? "" : "NOT ")
        + "IN ("
        + String.join(", ", same)
        + ")";
  }
}
