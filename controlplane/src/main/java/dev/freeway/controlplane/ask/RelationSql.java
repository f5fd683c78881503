package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.List;

/**
 * Relations between resources: by what documents name, by whose parent is who, and by names where
 * AWS gives no more.
 */
final class RelationSql {
  private final SqlText sql;
  private final ConditionSql conditions;

  RelationSql(SqlText sql, ConditionSql conditions) {
    this.sql = sql;
    this.conditions = conditions;
  }

  String of(String row, Subject subject, Condition.Related related) {
    String o = sql.alias("o");
    String others = ids(row, o, subject, related.other());
    StringBuilder where = new StringBuilder(SqlText.types(o, related.other().types()));
    related
        .of()
        .forEach(
            condition ->
                where.append(" AND ").append(conditions.of(o, related.other(), condition)));
    String from =
        "FROM resources %1$s WHERE %1$s.is_current = 1 AND %2$s AND %3$s"
            .formatted(o, where, others);
    return related.operator() == Expression.Operator.AT_LEAST && related.number() == 1
        ? "EXISTS (SELECT 1 " + from + ")"
        : "(SELECT count(*) " + from + ") " + related.operator().sql + " " + related.number();
  }

  private String ids(String row, String o, Subject subject, Subject other) {
    String x = sql.alias("x");
    String y = sql.alias("x");
    List<String> ways = new ArrayList<>();
    ways.add(
        "%1$s.rowid IN (SELECT %2$s.resource FROM relation %2$s WHERE %2$s.target IN (%3$s.id, %3$s.arn))"
            .formatted(o, x, row));
    ways.add(
        "EXISTS (SELECT 1 FROM relation %1$s WHERE %1$s.resource = %2$s.rowid AND %1$s.target IN (%3$s.id, %3$s.arn))"
            .formatted(y, row, o));
    boolean family =
        subject.types().stream()
            .anyMatch(mine -> other.types().stream().anyMatch(its -> Links.family(mine, its)));
    if (family) {
      ways.add(
          "(%1$s.account_id = %2$s.account_id AND %1$s.region = %2$s.region AND %1$s.service = %2$s.service AND (%1$s.parent = %2$s.id OR %2$s.parent = %1$s.id))"
              .formatted(o, row));
    }
    for (ResourceType mine : subject.types()) {
      for (ResourceType its : other.types()) {
        Links.member(mine, its).ifPresent(path -> ways.add(named(row, o, path)));
        Links.member(its, mine).ifPresent(path -> ways.add(named(o, row, path)));
      }
    }
    return "(" + String.join(" OR ", ways) + ")";
  }

  private static String named(String from, String to, String path) {
    return "(%1$s.account_id = %2$s.account_id AND %1$s.region = %2$s.region AND %3$s IN (%2$s.id, %2$s.name))"
        .formatted(from, to, SqlText.at(from + ".details", path));
  }
}
