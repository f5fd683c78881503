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
