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

/** Conditions of resources, as SQL about a row of the view. */
final class ConditionSql {
  private final SqlText sql;
  private final RelationSql relations;

  ConditionSql(SqlText sql) {
    this.sql = sql;
    this.relations = new RelationSql(sql, this);
  }

  String of(String row, Subject subject, Condition condition) {
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
      case Condition.Related related -> relations.of(row, subject, related);
      case Condition.By by -> of(row, subject, by.hops());
      case Condition.OfType of -> SqlText.types(row, of.types());
      case Condition.Default _ -> row + ".is_default = 1";
      case Condition.Mentions mentions ->
          "lower("
              + row
              + ".details) LIKE lower(CAST("
              + sql.bind(Condition.Match.CONTAINS.pattern(mentions.fragment()))
              + " AS TEXT)) ESCAPE '\\'";
      case Condition.Not not -> not(row, subject, not.of());
      case Condition.All all ->
          all.of().stream()
              .map(part -> of(row, subject, part))
              .collect(Collectors.joining(" AND ", "(", ")"));
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
        : "(" + SqlText.types(row, possible) + " AND " + plain + ")";
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
    Map<Holds, List<String>> keys = new LinkedHashMap<>();
    meaning.byType().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .filter(
            each ->
                subject.isEverything()
                    || subject.types().stream().anyMatch(type -> type.key().equals(each.getKey())))
        .forEach(
            each ->
                keys.computeIfAbsent(
                        new Holds(
                            each.getValue(),
                            Optional.ofNullable(meaning.through().get(each.getKey()))),
                        key -> new ArrayList<>())
                    .add(each.getKey()));
    if (subject.types().size() == 1 && keys.size() == 1) {
      return holds(row, meaning, keys.keySet().iterator().next());
    }
    return keys.entrySet().stream()
        .map(
            each ->
                "("
                    + pairs(row, each.getValue())
                    + " AND "
                    + holds(row, meaning, each.getKey())
                    + ")")
        .collect(Collectors.joining(" OR ", "(", ")"));
  }

  /** What holds of a document, or of that of a related resource of another type. */
  private record Holds(Expression own, Optional<Meanings.Through> through) {}

  private String holds(String row, Meanings.Meaning meaning, Holds holds) {
    String own = sql.of(row, holds.own());
    return holds.through().map(through -> through(row, meaning, own, through)).orElse(own);
  }

  private String through(
      String row, Meanings.Meaning meaning, String own, Meanings.Through through) {
    Subject mine = Subject.of(List.of(through.type()));
    Subject others = Subject.of(through.others());
    return switch (through.way()) {
      case RELATED ->
          "(%s OR %s)"
              .formatted(
                  own,
                  relations.of(
                      row,
                      mine,
                      new Condition.Related(
                          others,
                          List.of(new Condition.Meant(meaning)),
                          Expression.Operator.AT_LEAST,
                          1)));
      case NAMED -> "(%s OR %s)".formatted(own, relations.named(row, mine, others));
      case UNNAMED -> "(%s AND NOT %s)".formatted(own, relations.named(row, mine, others));
    };
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
                    + SqlText.types(row, List.of(each.getKey()))
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
          "CAST(" + sql.bind(of.values().getFirst()) + " AS NUMERIC)");
    }
    boolean negative = of.operator() == Expression.Operator.NOT_EQUAL;
    String some =
        sql.some(
            row,
            field.path(),
            value -> {
              if (of.operator().isOrder()
                  || (field.isNumber() && of.values().getFirst().matches("-?[\\d.]+"))) {
                return "CAST(%s AS NUMERIC) %s CAST(%s AS NUMERIC)"
                    .formatted(
                        field.path().text().endsWith(VersionRule.MEMBER)
                            ? VersionRule.first(value)
                            : value,
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
            text -> {
              String value = LifeRule.moment(field, text);
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
}
