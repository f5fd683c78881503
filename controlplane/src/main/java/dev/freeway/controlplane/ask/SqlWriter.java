package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes an intent's SQL: one SELECT over the view {@code resources}, every value bound. */
final class SqlWriter {
  private static final String ROW = "r";

  private final SqlText sql = new SqlText();
  private final ConditionSql conditions = new ConditionSql(sql);
  private final KeySql keys = new KeySql(sql, ROW);
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
    if (intent.action() instanceof Intent.Action.Missing(String column)) {
      return missing(intent, column.equals("region"));
    }
    List<String> columns = new ArrayList<>();
    List<String> groups = new ArrayList<>();
    List<String> joins = new ArrayList<>();
    Map<String, String> more = new LinkedHashMap<>();
    for (Intent.Key key : intent.groups()) {
      String value = keys.each(key, joins, more);
      groups.add(value);
      columns.add(value + " AS " + key.label());
    }
    more.forEach(
        (label, value) -> {
          groups.add(value);
          columns.add(value + " AS " + label);
        });
    boolean grouped = false;
    switch (intent.action()) {
      case Intent.Action.Show _ -> {
        columns.addAll(List.of("r.name", "r.id"));
        if (intent.subject().types().size() != 1) {
          columns.addAll(List.of("r.service", "r.type"));
        }
        columns.addAll(List.of("r.region", "r.account_id"));
        for (Intent.Key key : shown(intent)) {
          columns.add(keys.of(key) + " AS " + key.label());
        }
      }
      case Intent.Action.Count _ -> {
        columns.add("count(*) AS number");
        grouped = true;
      }
      case Intent.Action.Missing _ ->
          throw new IllegalArgumentException("no resources are listed: " + intent.sentence());
      case Intent.Action.Compute(String function, Intent.Key of) -> {
        String number = keys.of(of);
        columns.add(
            switch (function) {
                  case "avg" -> "round(CAST(avg(" + number + ") AS NUMERIC), 2)";
                  case "distinct" -> "count(DISTINCT " + number + ")";
                  default -> function + "(" + number + ")";
                }
                + " AS number");
        grouped = true;
      }
      case Intent.Action.Percent(int from) -> {
        String holds =
            intent.conditions().subList(from, intent.conditions().size()).stream()
                .map(condition -> conditions.of(ROW, intent.subject(), condition))
                .collect(Collectors.joining(" AND "));
        columns.add(
            "round(CAST(100.0 * sum(CASE WHEN "
                + holds
                + " THEN 1 ELSE 0 END) / count(*) AS NUMERIC), 2) AS number");
        grouped = true;
      }
    }
    String where = where(intent);
    StringBuilder text = new StringBuilder("SELECT ");
    text.append(String.join(", ", columns)).append("\nFROM resources r");
    joins.forEach(join -> text.append("\n  ").append(join));
    text.append("\nWHERE ").append(where);
    if (grouped && !groups.isEmpty()) {
      text.append("\nGROUP BY ").append(String.join(", ", numbers(groups)));
    }
    intent
        .having()
        .ifPresent(
            many ->
                text.append("\nHAVING count(*) ")
                    .append(many.operator().sql)
                    .append(' ')
                    .append(many.number()));
    String order = order(intent, groups, grouped);
    if (!order.isEmpty()) {
      text.append("\nORDER BY ").append(order);
    }
    intent.limit().ifPresent(most -> text.append("\nLIMIT ").append(most));
    return text.toString();
  }

  /**
   * Where nothing of them is, of where all their lists were read to the end at least once, by a
   * scan that left nothing out; of an account in each of its regions.
   */
  private String missing(Intent intent, boolean byRegion) {
    List<ResourceType> types = intent.subject().types();
    String columns = byRegion ? "p.region, p.account" : "p.account";
    String place = "r.account_id = p.account" + (byRegion ? " AND r.region = p.region" : "");
    String text =
        """
        SELECT %1$s AS account_id
        FROM (SELECT DISTINCT account%2$s FROM scope WHERE TRUE%3$s) p
        WHERE NOT EXISTS (SELECT 1 FROM resources r WHERE %4$s AND %5$s)
          AND (SELECT count(DISTINCT s.service || ':' || s.type) FROM scope s WHERE s.account = p.account%6$s AND %7$s AND %8$s) = %9$d%10$s
        ORDER BY %1$s"""
            .formatted(
                columns,
                byRegion ? ", region" : "",
                accounts.replace("r.account_id", "account")
                    + (byRegion ? " AND region <> 'global'" : ""),
                place,
                where(intent),
                byRegion ? " AND s.region IN (p.region, 'global')" : "",
                SqlText.types("s", types),
                read("s"),
                types.size(),
                byRegion ? "" : unread(types));
    return intent.limit().isPresent() ? text + "\nLIMIT " + intent.limit().getAsInt() : text;
  }

  /** That a scope was seen in full. */
  private static String read(String scope) {
    return "EXISTS (SELECT 1 FROM whole w JOIN scan c ON c.id = w.scan WHERE w.scope = "
        + scope
        + ".id AND c.filter = '[]')";
  }

  /** That no list was cut short or refused anywhere in the account. */
  private static String unread(List<ResourceType> types) {
    String lists =
        types.stream()
            .map(
                type ->
                    "(l.service = %s AND l.operation = %s)"
                        .formatted(
                            SqlText.literal(type.service()), SqlText.literal(type.operation())))
            .distinct()
            .collect(Collectors.joining(" OR "));
    return "\n  AND p.account NOT IN (SELECT s.account FROM scope s WHERE "
        + SqlText.types("s", types)
        + " AND NOT "
        + read("s")
        + ")\n  AND p.account NOT IN (SELECT l.account FROM ledger l WHERE ("
        + lists
        + ") AND "
        + StoreKnown.STILL_UNSEEN
        + ")";
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
      parts.add(SqlText.types(ROW, intent.subject().types()));
    }
    List<Condition> all = intent.conditions();
    if (intent.action() instanceof Intent.Action.Percent(int from)) {
      List<ResourceType> of =
          intent.subject().types().stream()
              .filter(type -> all.stream().allMatch(condition -> condition.isOf(type)))
              .toList();
      if (of.size() < intent.subject().types().size()) {
        parts.add(SqlText.types(ROW, of));
      }
      all.subList(0, from)
          .forEach(condition -> parts.add(conditions.of(ROW, intent.subject(), condition)));
    } else {
      all.forEach(condition -> parts.add(conditions.of(ROW, intent.subject(), condition)));
    }
    if (intent.action() instanceof Intent.Action.Compute(String _, Intent.Key of)
        && of instanceof Intent.Key.Member member) {
      parts.add(SqlText.types(ROW, List.copyOf(member.fields().keySet())));
    }
    return String.join("\n  AND ", parts) + accounts;
  }

  /** Columns by their number: a value that is bound twice is no longer the same to PostgreSQL. */
  private static List<String> numbers(List<String> groups) {
    return IntStream.rangeClosed(1, groups.size()).mapToObj(String::valueOf).toList();
  }

  private String order(Intent intent, List<String> groups, boolean grouped) {
    if (grouped && groups.isEmpty()) {
      return "";
    }
    List<String> parts = new ArrayList<>();
    for (Intent.Order order : intent.order()) {
      int group = intent.groups().indexOf(order.key());
      String value = grouped && group >= 0 ? "" + (group + 1) : keys.of(order.key());
      parts.add(value + (order.descending() ? " DESC" : "") + " NULLS LAST");
    }
    if (grouped) {
      if (parts.isEmpty()) {
        parts.add("number DESC");
      }
      parts.addAll(numbers(groups));
    } else {
      parts.addAll(List.of("r.account_id", "r.region", "r.service", "r.type", "r.name", "r.id"));
    }
    return String.join(", ", parts);
  }
}
