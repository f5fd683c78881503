package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A question, understood.
 *
 * @param groups what it is counted or computed by
 * @param columns members to be shown besides
 * @param order nothing for the usual order
 * @param having how many a group has to have to be listed
 * @param dropped types of the words that were said, which what is said cannot be of
 */
record Intent(
    Action action,
    Subject subject,
    List<Condition> conditions,
    List<Key> groups,
    List<Key> columns,
    List<Order> order,
    OptionalInt limit,
    Optional<Having> having,
    List<ResourceType> dropped) {
  /** Copies the lists. */
  Intent {
    conditions = List.copyOf(conditions);
    groups = List.copyOf(groups);
    columns = List.copyOf(columns);
    order = List.copyOf(order);
    dropped = List.copyOf(dropped);
  }

  /** What is done with the resources. */
  sealed interface Action {
    /** Each of them is a row. */
    record Show() implements Action {}

    /** How many there are. */
    record Count() implements Action {}

    /**
     * How many in a hundred hold the conditions from one on, of those that hold the ones before.
     */
    record Percent(int from) implements Action {}

    /** Where there are none: the regions or the accounts, by the column. */
    record Missing(String column) implements Action {}

    /**
     * A number computed of a member: {@code sum}, {@code avg}, {@code min}, {@code max}, {@code
     * distinct}.
     */
    record Compute(String function, Key of) implements Action {}
  }

  /** What a resource is grouped or ordered by. */
  sealed interface Key {
    /** A column of the view, as {@code region}. */
    record Column(String name) implements Key {}

    /** A tag's value. */
    record TagValue(String key) implements Key {}

    /** A member of its document. */
    record Member(Map<ResourceType, Field> fields, String words) implements Key {
      /** Copies the map. */
      public Member {
        fields = Map.copyOf(fields);
      }
    }

    /** The year, month or day of its creation. */
    record Period(String unit, int characters) implements Key {}

    /** How many days ago it was created. */
    record Age() implements Key {}

    /** The resource of another type that it belongs to. */
    record Other(ResourceType type) implements Key {}

    /** As sentences have it. */
    default String text() {
      return switch (this) {
        case Column column -> column.name().equals("account_id") ? "account" : column.name();
        case TagValue tag -> "tag " + tag.key();
        case Member member -> member.words();
        case Age _ -> "age in days";
        case Period period -> period.unit() + " of creation";
        case Other other -> other.type().name().replace('-', ' ');
      };
    }

    /** As a column is called. */
    default String label() {
      return text().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    }
  }

  /** How many a group has to have. */
  record Having(Expression.Operator operator, long number) {
    /** Whether none would be few enough, which no group has. */
    boolean isOfFew() {
      return operator == Expression.Operator.LESS || operator == Expression.Operator.AT_MOST;
    }
  }

  /** What rows are ordered by. */
  record Order(Key key, boolean descending) {}

  /** The number that a group is ordered by. */
  static final Key NUMBER = new Key.Column("number");

  /** What was understood, in one sentence. */
  String sentence() {
    String those = subject.sentence(conditions);
    StringBuilder text =
        new StringBuilder(
            switch (action) {
              case Action.Show _ -> those;
              case Action.Count _ -> "number of " + those;
              case Action.Percent(int from) ->
                  "percentage of "
                      + subject.sentence(conditions.subList(0, from))
                      + (from > 0 ? ": of those" : "")
                      + subject
                          .sentence(conditions.subList(from, conditions.size()))
                          .substring(subject.words().length());
              case Action.Missing(String column) ->
                  (column.equals("region") ? "regions and accounts" : "accounts")
                      + " in which there are no "
                      + those
                      + " (of those whose lists were read to their end)";
              case Action.Compute(String function, Key of) ->
                  switch (function) {
                        case "sum" -> "total ";
                        case "avg" -> "average ";
                        case "min" -> "smallest ";
                        case "distinct" -> "number of different values of ";
                        default -> "largest ";
                      }
                      + of.text()
                      + " of "
                      + those;
            });
    if (!groups.isEmpty()) {
      text.append(", by ")
          .append(groups.stream().map(Intent::grouped).collect(Collectors.joining(" and ")));
    }
    having.ifPresent(
        many ->
            text.append(", where the number ")
                .append(many.operator().words)
                .append(' ')
                .append(many.number())
                .append(many.isOfFew() ? ", of those that have any" : ""));
    if (!columns.isEmpty()) {
      text.append(", with their ")
          .append(columns.stream().map(Key::text).collect(Collectors.joining(" and ")));
    }
    for (Order each : order) {
      text.append(", ")
          .append(each.descending() ? "descending" : "ascending")
          .append(" by ")
          .append(each.key().text());
    }
    limit.ifPresent(most -> text.append(", the first ").append(most));
    text.append(leftOut());
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
  }

  /** Of a list every element counts, and that has to be said. */
  private static String grouped(Key key) {
    boolean list =
        key instanceof Key.Member member
            && member.fields().values().stream()
                .anyMatch(
                    field -> field.kind() != Field.Kind.SIZE && field.path().text().contains("[]"));
    return list ? "each " + key.text() : key.text();
  }

  /** The types of which a condition or the number says nothing: they are no part of the answer. */
  private String leftOut() {
    Stream<ResourceType> untold =
        subject.types().stream()
            .filter(
                type ->
                    !conditions.stream().allMatch(condition -> condition.isOf(type))
                        || (action instanceof Action.Compute(String _, Key of)
                            && of instanceof Key.Member member
                            && !member.fields().containsKey(type)));
    List<ResourceType> without = Stream.concat(untold, dropped.stream()).toList();
    return without.isEmpty()
        ? ""
        : "; without " + Subject.of(without).words() + ", of which it cannot be said";
  }
}
