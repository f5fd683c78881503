package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is grouped, ordered or shown by, as SQL about a row of the view. */
final class KeySql {
  private final SqlText sql;
  private final String row;

  KeySql(SqlText sql, String row) {
    this.sql = sql;
    this.row = row;
  }

  /**
   * A key to count by: every element of a list counts, and every other that it belongs to.
   *
   * @param joins takes what has to be joined
   * @param more takes what else tells one from another, and its name
   */
  String each(Intent.Key key, List<String> joins, Map<String, String> more) {
    return switch (key) {
      case Intent.Key.Member member when lists(member).size() == 1 ->
          element("r.details", lists(member).getFirst(), joins);
      case Intent.Key.Other(ResourceType type) -> {
        String p = sql.alias("p");
        String o = sql.alias("o");
        String x = sql.alias("x");
        joins.add(
            "LEFT JOIN (SELECT DISTINCT %2$s.resource, %1$s.id, %1$s.name FROM relation %2$s JOIN resources %1$s ON %2$s.target IN (%1$s.id, %1$s.arn) WHERE %1$s.is_current = 1 AND %3$s) %4$s ON %4$s.resource = r.rowid"
                .formatted(o, x, SqlText.types(o, List.of(type)), p));
        more.put(key.label() + "_id", p + ".id");
        yield p + ".name";
      }
      default -> of(key);
    };
  }

  /** The path into a list that all types have, if they have one. */
  private static List<String> lists(Intent.Key.Member member) {
    List<String> paths =
        member.fields().values().stream()
            .filter(field -> field.kind() != Field.Kind.SIZE)
            .map(field -> field.path().text())
            .distinct()
            .toList();
    return paths.size() == 1 && paths.getFirst().contains("[]") ? paths : List.of();
  }

  private String element(String document, String path, List<String> joins) {
    int list = path.indexOf("[]");
    if (list < 0) {
      return SqlText.at(document, path);
    }
    String e = sql.alias("e");
    joins.add(
        "LEFT JOIN json_each(%s, '$.%s') %s ON TRUE"
            .formatted(document, path.substring(0, list), e));
    String rest = path.substring(list + 2);
    return rest.isEmpty()
        ? "CAST(" + e + ".value AS TEXT)"
        : element(e + ".value", rest.substring(1), joins);
  }

  String of(Intent.Key key) {
    return switch (key) {
      case Intent.Key.Column(String name) -> name.equals("number") ? "number" : "r." + name;
      case Intent.Key.TagValue(String tag) -> {
        String t = sql.alias("t");
        yield "(SELECT max(%1$s.value) FROM tag %1$s WHERE %1$s.resource = r.rowid AND lower(%1$s.key) = lower(CAST(%2$s AS TEXT)))"
            .formatted(t, sql.bind(tag));
      }
      case Intent.Key.Member member -> {
        Map<String, List<ResourceType>> byValue = new LinkedHashMap<>();
        member.fields().entrySet().stream()
            .sorted(Comparator.comparing(each -> each.getKey().key()))
            .forEach(
                each ->
                    byValue
                        .computeIfAbsent(value(each.getValue()), path -> new ArrayList<>())
                        .add(each.getKey()));
        boolean number = member.fields().values().stream().allMatch(Field::isNumber);
        if (byValue.size() == 1) {
          String only = byValue.keySet().iterator().next();
          yield number ? "CAST(" + only + " AS NUMERIC)" : only;
        }
        yield byValue.entrySet().stream()
            .map(
                each ->
                    "WHEN "
                        + SqlText.types(row, each.getValue())
                        + " THEN CAST("
                        + each.getKey()
                        + (number ? " AS NUMERIC)" : " AS TEXT)"))
            .collect(Collectors.joining(" ", "CASE ", " END"));
      }
      case Intent.Key.Age _ -> "CAST(julianday('now') - julianday(r.created) AS NUMERIC)";
      case Intent.Key.Period period -> "substr(r.created, 1, " + period.characters() + ")";
      case Intent.Key.Other(ResourceType type) -> {
        String o = sql.alias("o");
        String x = sql.alias("x");
        String parent =
            "SELECT max(%1$s.name) FROM resources %1$s JOIN relation %2$s ON %2$s.target IN (%1$s.id, %1$s.arn) WHERE %2$s.resource = r.rowid AND %1$s.is_current = 1 AND %3$s"
                .formatted(o, x, SqlText.types(o, List.of(type)));
        yield "(" + parent + ")";
      }
    };
  }

  private static String value(Field field) {
    String path = field.path().text();
    if (field.kind() == Field.Kind.SIZE) {
      return "coalesce(json_array_length(r.details, '$." + path.replace("[]", "") + "'), 0)";
    }
    // The first element stands for a list.
    return SqlText.at("r.details", path.replace("[]", "[0]"));
  }
}
