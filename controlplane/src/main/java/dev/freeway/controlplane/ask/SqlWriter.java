package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes an intent's SQL: one SELECT over the view {@code resources}, every value bound. */
final class SqlWriter {
  private static final String ROW = "r";

  private final SqlText sql = new SqlText();
  private final String accounts;

  /** A statement and what is bound in it. */
  record Statement(String sql, Map<String, String> values) {
    /** Copies the values. */
    Statement {
      values = new LinkedHashMap<>(values);
    }
  }

  private SqlWriter(Optional<String> account) {
    this.accounts = account.map(id -> " AND r.account_id = " + sql.bind(id)).orElse("");
  }

  /**
   * Writes one.
   *
   * @param account that alone is asked, when there is one
   */
  static Statement write(Intent intent, Optional<String> account) {
    SqlWriter writer = new SqlWriter(account);
    return new Statement(writer.statement(intent), writer.sql.values());
  }

  private String statement(Intent intent) {
    List<String> columns = new ArrayList<>();
    List<String> groups = new ArrayList<>();
    for (Intent.Key key : intent.groups()) {
      String value = key(key);
      groups.add(value);
      columns.add(value + " AS " + key.label());
    }
    boolean grouped = false;
    switch (intent.action()) {
      case Intent.Action.Show _ -> {
        columns.addAll(List.of("r.name", "r.id"));
        if (intent.subject().types().size() != 1) {
          columns.addAll(List.of("r.service", "r.type"));
        }
        columns.addAll(List.of("r.region", "r.account_id"));
        for (Intent.Key key : shown(intent)) {
          columns.add(key(key) + " AS " + key.label());
        }
      }
      case Intent.Action.Count _ -> {
        columns.add("count(*) AS number");
        grouped = true;
      }
      case Intent.Action.Compute(String function, Intent.Key of) -> {
        String number = "CAST(" + key(of) + " AS REAL)";
        columns.add(
            (function.equals("avg")
                    ? "round(CAST(avg(" + number + ") AS NUMERIC), 2)"
                    : function + "(" + number + ")")
                + " AS number");
        grouped = true;
      }
    }
    String where = where(intent);
    StringBuilder text = new StringBuilder("SELECT ");
    text.append(String.join(", ", columns)).append("\nFROM resources r\nWHERE ").append(where);
    if (grouped && !groups.isEmpty()) {
      text.append("\nGROUP BY ").append(String.join(", ", groups));
    }
    String order = order(intent, groups, grouped);
    if (!order.isEmpty()) {
      text.append("\nORDER BY ").append(order);
    }
    intent.limit().ifPresent(most -> text.append("\nLIMIT ").append(most));
    return text.toString();
  }

  /** Columns that were asked for, and those that the order and the conditions speak of. */
  private static List<Intent.Key> shown(Intent intent) {
    Map<String, Intent.Key> keys = new LinkedHashMap<>();
    intent.columns().forEach(key -> keys.putIfAbsent(key.label(), key));
    for (Condition condition : intent.conditions()) {
      Condition inner = condition instanceof Condition.Not(Condition of) ? of : condition;
      switch (inner) {
        case Condition.Of of ->
            member(of.fields()).ifPresent(key -> keys.putIfAbsent(key.label(), key));
        case Condition.TimeOf of ->
            member(of.fields()).ifPresent(key -> keys.putIfAbsent(key.label(), key));
        case Condition.Tag tag -> {
          Intent.Key key = new Intent.Key.TagValue(tag.key());
          keys.putIfAbsent(key.label(), key);
        }
        case Condition.During during -> {
          String column =
              switch (during.life()) {
                case CREATED -> "created";
                case APPEARED -> "first_seen";
                case GONE -> "gone";
                case CHANGED -> "last_seen";
              };
          keys.putIfAbsent(column, new Intent.Key.Column(column));
        }
        default -> {}
      }
    }
    intent.order().forEach(order -> keys.putIfAbsent(order.key().label(), order.key()));
    List.of("name", "id", "service", "type", "region", "account", "account_id")
        .forEach(keys::remove);
    return List.copyOf(keys.values());
  }

  private static Optional<Intent.Key> member(Map<ResourceType, Field> fields) {
    return fields.values().stream()
        .min(Comparator.comparing(Field::words))
        .filter(field -> !field.path().text().contains("[]") || field.kind() == Field.Kind.SIZE)
        .map(field -> new Intent.Key.Member(fields, field.words()));
  }

  private String where(Intent intent) {
    List<String> parts = new ArrayList<>();
    boolean gone =
        intent.conditions().stream()
            .anyMatch(
                each ->
                    each instanceof Condition.During during
                        && during.life() == Condition.Life.GONE);
    parts.add(gone ? "r.is_current = 0" : "r.is_current = 1");
    if (!intent.subject().isEverything()) {
      parts.add(types(ROW, intent.subject().types()));
    }
    intent.conditions().forEach(condition -> parts.add(of(ROW, intent.subject(), condition)));
    if (intent.action() instanceof Intent.Action.Compute(String _, Intent.Key of)
        && of instanceof Intent.Key.Member member) {
      parts.add(types(ROW, List.copyOf(member.fields().keySet())));
    }
    return String.join("\n  AND ", parts) + accounts;
  }

  private static String types(String row, List<ResourceType> types) {
    Map<String, List<String>> byService = new LinkedHashMap<>();
    types.stream()
        .sorted(Comparator.comparing(ResourceType::key))
        .forEach(
            type ->
                byService
                    .computeIfAbsent(type.service(), key -> new ArrayList<>())
                    .add(SqlText.literal(type.name())));
    return byService.entrySet().stream()
        .map(
            each ->
                "%s.service = %s AND %s.type %s"
                    .formatted(
                        row,
                        SqlText.literal(each.getKey()),
                        row,
                        each.getValue().size() == 1
                            ? "= " + each.getValue().getFirst()
                            : "IN (" + String.join(", ", each.getValue()) + ")"))
        .collect(Collectors.joining(" OR ", "(", ")"));
  }

  private String of(String row, Subject subject, Condition condition) {
    return switch (condition) {
      case Condition.InRegion in -> {
        List<String> parts = new ArrayList<>();
        for (String region : in.regions()) {
          parts.add(
              region.endsWith("-")
                  ? row + ".region LIKE " + sql.bind(region + "%")
                  : row + ".region = " + sql.bind(region));
        }
        yield "(" + String.join(" OR ", parts) + ")";
      }
      case Condition.InAccount in ->
          row
              + ".account_id IN ("
              + in.accounts().stream().map(sql::bind).collect(Collectors.joining(", "))
              + ")";
      case Condition.Tag tag -> {
        String t = sql.alias("t");
        String values =
            tag.values().isEmpty()
                ? ""
                : " AND lower(%s.value) IN (%s)"
                    .formatted(
                        t,
                        tag.values().stream()
                            .map(value -> "lower(CAST(" + sql.bind(value) + " AS TEXT))")
                            .collect(Collectors.joining(", ")));
        yield "EXISTS (SELECT 1 FROM tag %1$s WHERE %1$s.resource = %2$s.rowid AND lower(%1$s.key) = lower(CAST(%3$s AS TEXT))%4$s)"
            .formatted(t, row, sql.bind(tag.key()), values);
      }
      case Condition.Tags tags -> {
        String t = sql.alias("t");
        yield "(SELECT count(*) FROM tag %1$s WHERE %1$s.resource = %2$s.rowid) %3$s %4$d"
            .formatted(t, row, tags.operator().sql, tags.number());
      }
      case Condition.Named named -> {
        String pattern =
            "lower(CAST("
                + sql.bind(named.match().pattern(named.value()))
                + " AS TEXT)) ESCAPE '\\'";
        yield "(lower(%1$s.name) LIKE %2$s OR lower(%1$s.id) LIKE %2$s OR lower(%1$s.arn) LIKE %2$s)"
            .formatted(row, pattern);
      }
      case Condition.Meant meant -> meant(row, subject, meant.meaning());
      case Condition.Of of -> perType(row, subject, of.fields(), field -> compare(row, field, of));
      case Condition.Has has ->
          perType(
              row,
              subject,
              has.fields(),
              field ->
                  sql.of(
                      row,
                      field.kind() == Field.Kind.SIZE
                          ? new Expression.Compare(
                              Expression.Take.SIZE, field.path(), Expression.Operator.MORE, "0")
                          : new Expression.There(field.path())));
      case Condition.During during -> during(row, during);
      case Condition.TimeOf time ->
          perType(row, subject, time.fields(), field -> timeOf(row, field, time));
      case Condition.Related related -> related(row, subject, related);
      case Condition.OfType of -> types(row, of.types());
      case Condition.Default _ -> row + ".is_default = 1";
      case Condition.Mentions mentions ->
          "lower("
              + row
              + ".details) LIKE lower(CAST("
              + sql.bind(Condition.Match.CONTAINS.pattern(mentions.fragment()))
              + " AS TEXT)) ESCAPE '\\'";
      case Condition.Not not -> not(row, subject, not.of());
      case Condition.Any any ->
          any.of().stream()
              .map(part -> of(row, subject, part))
              .collect(Collectors.joining(" OR ", "(", ")"));
    };
  }

  /** The contrary holds only of types of which the condition could. */
  private String not(String row, Subject subject, Condition condition) {
    String plain = "NOT " + of(row, subject, condition);
    List<ResourceType> possible =
        switch (condition) {
          case Condition.Meant meant ->
              subject.types().stream().filter(meant.meaning()::isOf).toList();
          case Condition.Of of -> List.copyOf(of.fields().keySet());
          case Condition.Has has -> List.copyOf(has.fields().keySet());
          default -> List.of();
        };
    if (condition instanceof Condition.Meant meant && subject.isEverything()) {
      return "("
          + pairs(row, List.copyOf(meant.meaning().byType().keySet()))
          + " AND "
          + plain
          + ")";
    }
    return possible.isEmpty() || possible.size() == subject.types().size()
        ? plain
        : "(" + types(row, possible) + " AND " + plain + ")";
  }

  private static String pairs(String row, List<String> keys) {
    return keys.stream()
        .sorted()
        .map(
            key ->
                "(%s.service = %s AND %s.type = %s)"
                    .formatted(
                        row,
                        SqlText.literal(key.substring(0, key.indexOf(':'))),
                        row,
                        SqlText.literal(key.substring(key.indexOf(':') + 1))))
        .collect(Collectors.joining(" OR ", "(", ")"));
  }

  private String meant(String row, Subject subject, Meanings.Meaning meaning) {
    Map<Expression, List<String>> keys = new LinkedHashMap<>();
    meaning.byType().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(
            each ->
                subject.isEverything()
                    || subject.types().stream().anyMatch(type -> type.key().equals(each.getKey())))
        .forEach(
            each ->
                keys.computeIfAbsent(each.getValue(), key -> new ArrayList<>()).add(each.getKey()));
    if (subject.types().size() == 1 && keys.size() == 1) {
      return sql.of(row, keys.keySet().iterator().next());
    }
    return keys.entrySet().stream()
        .map(each -> "(" + pairs(row, each.getValue()) + " AND " + sql.of(row, each.getKey()) + ")")
        .collect(Collectors.joining(" OR ", "(", ")"));
  }

  private static String perType(
      String row,
      Subject subject,
      Map<ResourceType, Field> fields,
      Function<Field, String> condition) {
    if (subject.types().size() == 1 && fields.size() == 1) {
      return condition.apply(fields.values().iterator().next());
    }
    return fields.entrySet().stream()
        .sorted(Comparator.comparing(each -> each.getKey().key()))
        .map(
            each ->
                "("
                    + types(row, List.of(each.getKey()))
                    + " AND "
                    + condition.apply(each.getValue())
                    + ")")
        .collect(Collectors.joining(" OR ", "(", ")"));
  }

  private String compare(String row, Field field, Condition.Of of) {
    if (field.kind() == Field.Kind.SIZE) {
      return SqlText.size(
          row,
          field.path(),
          of.operator(),
          "CAST(" + sql.bind(of.values().getFirst()) + " AS REAL)");
    }
    boolean negative = of.operator() == Expression.Operator.NOT_EQUAL;
    String some =
        sql.some(
            row,
            field.path(),
            value -> {
              if (of.operator().isOrder()
                  || (field.isNumber() && of.values().getFirst().matches("-?[\\d.]+"))) {
                return "CAST(%s AS REAL) %s CAST(%s AS REAL)"
                    .formatted(
                        value,
                        negative ? "=" : of.operator().sql,
                        sql.bind(of.values().getFirst()));
              }
              String lower = "lower(CAST(" + value + " AS TEXT))";
              Condition.Match match = of.match().orElse(Condition.Match.IS);
              if (match == Condition.Match.IS) {
                List<String> same = new ArrayList<>();
                for (String each : of.values()) {
                  same.add("lower(CAST(" + sql.bind(each) + " AS TEXT))");
                  if (field.kind() == Field.Kind.TRUTH) {
                    boolean yes = each.toLowerCase(Locale.ROOT).matches("true|yes|on|1|enabled");
                    same.add(yes ? "'1'" : "'0'");
                  }
                }
                return lower + " IN (" + String.join(", ", same) + ")";
              }
              return of.values().stream()
                  .map(
                      each ->
                          lower
                              + " LIKE lower(CAST("
                              + sql.bind(match.pattern(each))
                              + " AS TEXT)) ESCAPE '\\'")
                  .collect(Collectors.joining(" OR ", "(", ")"));
            });
    return negative ? "NOT " + some : some;
  }

  private String during(String row, Condition.During during) {
    if (during.life() == Condition.Life.CHANGED) {
      String v = sql.alias("v");
      String span =
          during
                  .from()
                  .map(
                      from ->
                          " AND "
                              + v
                              + ".since >= CAST("
                              + sql.bind("" + from.toEpochMilli())
                              + " AS BIGINT)")
                  .orElse("")
              + during
                  .to()
                  .map(
                      to ->
                          " AND "
                              + v
                              + ".since < CAST("
                              + sql.bind("" + to.toEpochMilli())
                              + " AS BIGINT)")
                  .orElse("");
      String first = sql.alias("v");
      return "EXISTS (SELECT 1 FROM version %1$s WHERE %1$s.resource = %2$s.rowid%3$s AND %1$s.since > (SELECT min(%4$s.since) FROM version %4$s WHERE %4$s.resource = %2$s.rowid))"
          .formatted(v, row, span, first);
    }
    String column =
        row
            + switch (during.life()) {
              case CREATED -> ".created";
              case APPEARED -> ".first_seen";
              default -> ".gone";
            };
    return span(column, during.from(), during.to());
  }

  /** Times are text of the same form: they compare as text. */
  private String span(String column, Optional<Instant> from, Optional<Instant> to) {
    List<String> parts = new ArrayList<>();
    from.ifPresent(
        start -> parts.add(column + " >= CAST(" + sql.bind(seconds(start)) + " AS TEXT)"));
    to.ifPresent(end -> parts.add(column + " < CAST(" + sql.bind(seconds(end)) + " AS TEXT)"));
    return "coalesce(" + String.join(" AND ", parts) + ", FALSE)";
  }

  private static String seconds(Instant instant) {
    return instant.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
  }

  private String timeOf(String row, Field field, Condition.TimeOf time) {
    String within =
        sql.some(
            row,
            field.path(),
            value -> {
              List<String> parts = new ArrayList<>();
              time.from()
                  .ifPresent(
                      start ->
                          parts.add(
                              "julianday("
                                  + value
                                  + ") >= julianday(CAST("
                                  + sql.bind(seconds(start))
                                  + " AS TEXT))"));
              time.to()
                  .ifPresent(
                      end ->
                          parts.add(
                              "julianday("
                                  + value
                                  + ") < julianday(CAST("
                                  + sql.bind(seconds(end))
                                  + " AS TEXT))"));
              return String.join(" AND ", parts);
            });
    return time.orNever()
        ? "(" + within + " OR NOT " + sql.of(row, new Expression.There(field.path())) + ")"
        : within;
  }

  /** By what documents name, by whose parent is who, and by names where AWS gives no more. */
  private String related(String row, Subject subject, Condition.Related related) {
    String o = sql.alias("o");
    String others = ids(row, o, subject, related.other());
    StringBuilder where = new StringBuilder(types(o, related.other().types()));
    related
        .of()
        .forEach(condition -> where.append(" AND ").append(of(o, related.other(), condition)));
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

  private String key(Intent.Key key) {
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
        if (byValue.size() == 1) {
          yield byValue.keySet().iterator().next();
        }
        yield byValue.entrySet().stream()
            .map(
                each ->
                    "WHEN "
                        + types(ROW, each.getValue())
                        + " THEN CAST("
                        + each.getKey()
                        + " AS TEXT)")
            .collect(Collectors.joining(" ", "CASE ", " END"));
      }
      case Intent.Key.Period period -> "substr(r.created, 1, " + period.characters() + ")";
      case Intent.Key.Other(ResourceType type) -> {
        String o = sql.alias("o");
        String x = sql.alias("x");
        String parent =
            "SELECT max(%1$s.name) FROM resources %1$s JOIN relation %2$s ON %2$s.target IN (%1$s.id, %1$s.arn) WHERE %2$s.resource = r.rowid AND %1$s.is_current = 1 AND %3$s"
                .formatted(o, x, types(o, List.of(type)));
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

  private String order(Intent intent, List<String> groups, boolean grouped) {
    if (grouped && groups.isEmpty()) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    for (Intent.Order order : intent.order()) {
      String value = key(order.key());
      if (order.key() instanceof Intent.Key.Member member
          && member.fields().values().stream().allMatch(Field::isNumber)) {
        value = "CAST(" + value + " AS REAL)";
      }
      parts.add(value + (order.descending() ? " DESC" : "") + " NULLS LAST");
    }
    if (grouped) {
      if (parts.isEmpty()) {
        parts.add("number DESC");
      }
      parts.addAll(groups);
    } else {
      parts.addAll(List.of("r.account_id", "r.region", "r.service", "r.type", "r.name", "r.id"));
    }
    return String.join(", ", parts);
  }
}
