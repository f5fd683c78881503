package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Relations between resources: by what documents name, by whose parent is who, and by names where
 * AWS gives no more. What others there are is found once, and not once for each row.
 */
final class RelationSql {
  private static final String LIST = "[]";

  private final SqlText sql;
  private final ConditionSql conditions;

  RelationSql(SqlText sql, ConditionSql conditions) {
    this.sql = sql;
    this.conditions = conditions;
  }

  String of(String row, Subject subject, Condition.Related related) {
    boolean any = related.operator() == Expression.Operator.AT_LEAST && related.number() == 1;
    return any ? some(row, subject, related) : count(row, subject, related);
  }

  /** The others' conditions; each time it is asked it has aliases of its own. */
  private String others(String o, Condition.Related related) {
    String where =
        related.of().stream()
            .map(condition -> " AND " + conditions.of(o, related.other(), condition))
            .collect(Collectors.joining());
    return o + ".is_current = 1 AND " + SqlText.types(o, related.other().types()) + where;
  }

  private String some(String row, Subject subject, Condition.Related related) {
    List<String> ways = new ArrayList<>();
    String o = sql.alias("o");
    String x = sql.alias("x");
    ways.add(
        "%1$s.rowid IN (SELECT %2$s.resource FROM resources %3$s JOIN relation %2$s ON %2$s.target IN (%3$s.id, %3$s.arn) WHERE %4$s%5$s)"
            .formatted(
                row,
                x,
                o,
                others(o, related),
                related.oneWay() ? " AND %s.resource <> %s.rowid".formatted(x, o) : ""));
    if (!related.oneWay()) {
      ways.addAll(naming(row, subject, related, ""));
    }
    if (subject.isEverything() || isFamily(subject, related.other())) {
      String near = subject.isEverything() ? ofService(row, related.other()) : "";
      ways.add(near + same(row, "parent", "%s.id", "TRUE", related));
      if (!related.oneWay()) {
        ways.add(near + same(row, "id", "%s.parent", "%1$s.parent IS NOT NULL", related));
      }
    }
    for (ResourceType its : related.other().types()) {
      links(row, subject, its, true)
          .forEach(
              (link) -> {
                if (link.path().contains(LIST)) {
                  ways.add(link.guard() + listing(row, link.path(), related));
                  return;
                }
                ways.add(link.guard() + byName(row, link.path(), "%s.id", related));
                ways.add(link.guard() + byName(row, link.path(), "%s.name", related));
              });
    }
    return "(" + String.join(" OR ", ways) + ")";
  }

  /** A member by which one names the other, and of what the row must be for that. */
  private record Link(String guard, String path) {}

  /** By what rows of the subject's types name those of another, or the other way round. */
  private static List<Link> links(String row, Subject subject, ResourceType its, boolean fromRow) {
    if (subject.isEverything()) {
      Map<String, String> all = fromRow ? Links.namers(its) : Links.named(its);
      return all.entrySet().stream()
          .map(link -> new Link(ofType(row, link.getKey()), link.getValue()))
          .toList();
    }
    return subject.types().stream()
        .flatMap(mine -> (fromRow ? Links.member(mine, its) : Links.member(its, mine)).stream())
        .map(path -> new Link("", path))
        .toList();
  }

  private static String ofType(String row, String key) {
    int colon = key.indexOf(':');
    return "%1$s.service = %2$s AND %1$s.type = %3$s AND "
        .formatted(
            row,
            SqlText.literal(key.substring(0, colon)),
            SqlText.literal(key.substring(colon + 1)));
  }

  /** Parents and their children are of one service. */
  private static String ofService(String row, Subject other) {
    return other.types().stream()
        .map(type -> SqlText.literal(type.service()))
        .distinct()
        .sorted()
        .collect(Collectors.joining(", ", row + ".service IN (", ") AND "));
  }

  /** Whether another of some types, and not the row itself, names it. */
  String named(String row, Subject subject, Subject others) {
    Condition.Related any =
        new Condition.Related(others, List.of(), Expression.Operator.AT_LEAST, 1);
    return "("
        + String.join(" OR ", naming(row, subject, any, " AND %2$s.id <> %1$s.target"))
        + ")";
  }

  /**
   * The ways in which others name the row.
   *
   * @param apart what holds besides of a relation and of whose it is
   */
  private List<String> naming(
      String row, Subject subject, Condition.Related related, String apart) {
    List<String> ways = new ArrayList<>();
    for (String column : List.of("id", "arn")) {
      String o = sql.alias("o");
      String x = sql.alias("x");
      ways.add(
          "coalesce(%1$s.%2$s IN (SELECT %3$s.target FROM resources %4$s JOIN relation %3$s ON %3$s.resource = %4$s.rowid WHERE %5$s%6$s), FALSE)"
              .formatted(row, column, x, o, others(o, related), apart.formatted(x, o)));
    }
    for (ResourceType its : related.other().types()) {
      for (Link link : links(row, subject, its, false)) {
        if (link.path().contains(LIST)) {
          ways.add(link.guard() + listed(row, link.path(), related));
          continue;
        }
        String at = SqlText.at("%1$s.details", link.path());
        ways.add(link.guard() + same(row, "id", at, at + " IS NOT NULL", related));
        ways.add(link.guard() + same(row, "name", at, at + " IS NOT NULL", related));
      }
    }
    return ways;
  }

  /** The row's document has a list of names of the others. */
  private String listing(String row, String path, Condition.Related related) {
    String o = sql.alias("o");
    String e = sql.alias("e");
    return "EXISTS (SELECT 1 FROM resources %1$s, %2$s WHERE %3$s AND %1$s.account_id = %4$s.account_id AND %1$s.region = %4$s.region AND %1$s.name = %5$s)"
        .formatted(o, each(row, path, e), others(o, related), row, element(path, e));
  }

  /** A document of another has a list of names, the row's among them. */
  private String listed(String row, String path, Condition.Related related) {
    String o = sql.alias("o");
    String e = sql.alias("e");
    return "coalesce((%1$s.account_id, %1$s.region, %1$s.name) IN (SELECT %2$s.account_id, %2$s.region, %3$s FROM resources %2$s, %4$s WHERE %5$s), FALSE)"
        .formatted(row, o, element(path, e), each(o, path, e), others(o, related));
  }

  private static String each(String row, String path, String alias) {
    return "json_each(%s.details, '$.%s') %s"
        .formatted(row, path.substring(0, path.indexOf(LIST)), alias);
  }

  /** What names another in an element of the list at a path. */
  private static String element(String path, String alias) {
    String rest = path.substring(path.indexOf(LIST) + LIST.length());
    return rest.isEmpty()
        ? "CAST(" + alias + ".value AS TEXT)"
        : SqlText.at(alias + ".value", rest.substring(1));
  }

  private static boolean isFamily(Subject subject, Subject other) {
    return subject.types().stream()
        .anyMatch(mine -> other.types().stream().anyMatch(its -> Links.family(mine, its)));
  }

  /** A column of the row is something of another in its account, region and service. */
  private String same(
      String row, String column, String of, String there, Condition.Related related) {
    return within(row, row + "." + column, of, there, related);
  }

  private String byName(String row, String path, String of, Condition.Related related) {
    return within(row, SqlText.at(row + ".details", path), of, "TRUE", related);
  }

  private String within(
      String row, String value, String of, String there, Condition.Related related) {
    String o = sql.alias("o");
    return "coalesce((%1$s.account_id, %1$s.region, %2$s) IN (SELECT %3$s.account_id, %3$s.region, %4$s FROM resources %3$s WHERE %5$s AND %6$s), FALSE)"
        .formatted(row, value, o, of.formatted(o), others(o, related), there.formatted(o));
  }

  private String count(String row, Subject subject, Condition.Related related) {
    String o = sql.alias("o");
    String z = sql.alias("z");
    return "(SELECT count(*) FROM (%1$s) %2$s CROSS JOIN resources %3$s WHERE %3$s.rowid = %2$s.resource AND %4$s) %5$s %6$d"
        .formatted(
            ids(row, subject, related.other()),
            z,
            o,
            others(o, related),
            related.operator().sql,
            related.number());
  }

  /**
   * Looked up from the row: of many of both kinds, each would be held against each. SQLite takes
   * the sides of a CROSS JOIN as they stand.
   */
  private String ids(String row, Subject subject, Subject other) {
    List<String> ways = new ArrayList<>();
    ways.add(
        "SELECT %1$s.resource FROM relation %1$s WHERE %1$s.target IN (%2$s.id, %2$s.arn)"
            .formatted(sql.alias("x"), row));
    for (String column : List.of("id", "arn")) {
      ways.add(
          "SELECT %2$s.rowid FROM relation %1$s JOIN resources %2$s ON %2$s.%4$s = %1$s.target WHERE %1$s.resource = %3$s.rowid AND %2$s.%4$s <> ''"
              .formatted(sql.alias("x"), sql.alias("y"), row, column));
    }
    if (isFamily(subject, other)) {
      String y = sql.alias("y");
      ways.add(
          near(row, y, other)
              + "(%1$s.parent = %2$s.id OR %2$s.parent = %1$s.id)".formatted(y, row));
    }
    for (ResourceType mine : subject.types()) {
      for (ResourceType its : other.types()) {
        Links.member(mine, its)
            .ifPresent(
                path -> {
                  String y = sql.alias("y");
                  ways.add(near(row, y, other) + named(row, y, path));
                });
        Links.member(its, mine)
            .ifPresent(
                path -> {
                  String y = sql.alias("y");
                  ways.add(near(row, y, other) + named(y, row, path));
                });
      }
    }
    return String.join(" UNION ", ways);
  }

  /** The others in the row's account and region, which are few. */
  private static String near(String row, String y, Subject other) {
    return "SELECT %1$s.rowid FROM resources %1$s WHERE %2$s AND %1$s.account_id = %3$s.account_id AND %1$s.region = %3$s.region AND "
        .formatted(y, SqlText.types(y, other.types()), row);
  }

  private String named(String from, String to, String path) {
    if (path.contains(LIST)) {
      String e = sql.alias("e");
      return "EXISTS (SELECT 1 FROM %1$s WHERE %2$s = %3$s.name)"
          .formatted(each(from, path, e), element(path, e), to);
    }
    return "%2$s IN (%1$s.id, %1$s.name)".formatted(to, SqlText.at(from + ".details", path));
  }
}
