package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** What is to be done with what is asked for, while the question is read. */
final class Draft {
  /** Of several types one number is wanted. */
  private static final Pattern TOGETHER =
      Pattern.compile("\\b(?:total|together|altogether|combined|overall|sum)\\b");

  private boolean counted;
  private Optional<String> missing = Optional.empty();
  private boolean compared;
  private boolean percent;
  private int percentOf;
  private Optional<String> function = Optional.empty();
  private Optional<Intent.Key> computed = Optional.empty();
  private Optional<Intent.Having> having = Optional.empty();
  private OptionalInt limit = OptionalInt.empty();
  private Optional<Intent.Order> ranked = Optional.empty();

  /** Ordered by a size that is still to be named: whether downwards. */
  private Optional<Boolean> bySize = Optional.empty();

  private String rank = "";
  private boolean sorting;
  private boolean firstOfAll;
  private boolean ofValues;
  private final List<ResourceType> dropped = new ArrayList<>();
  private final List<Intent.Key> groups = new ArrayList<>();
  private final List<Intent.Key> columns = new ArrayList<>();
  private final List<Intent.Order> order = new ArrayList<>();

  void count() {
    counted = true;
  }

  /** What is asked for is none of these, though it is called so. */
  void drop(List<ResourceType> types) {
    dropped.addAll(types);
  }

  boolean isCount() {
    return counted;
  }

  /** Regions are set beside each other. */
  void compare() {
    compared = true;
  }

  /** A number is computed: of what, is still to be named. */
  void compute(String name) {
    function = Optional.of(name);
  }

  boolean isComputed(String name) {
    return function.filter(name::equals).isPresent();
  }

  boolean isComputed() {
    return function.isPresent();
  }

  /** How many in a hundred. */
  void percent() {
    percent = true;
  }

  boolean isPercent() {
    return percent;
  }

  /** Where there are none is asked for: regions or accounts, by the column. */
  void missing(String column) {
    missing = Optional.of(column);
  }

  /** Of those that hold so many conditions. */
  void percentOf(int conditions) {
    percentOf = conditions;
  }

  /** The member that is computed, if one is wanted. */
  void of(Intent.Key key) {
    if (computed.isEmpty()) {
      computed = Optional.of(key);
    }
  }

  Optional<Intent.Key> computed() {
    return computed;
  }

  /** Only groups that have so many. */
  void having(Intent.Having many) {
    having = Optional.of(many);
  }

  void limit(String number) {
    limit = OptionalInt.of(Integer.parseInt(number));
  }

  boolean isLimited() {
    return limit.isPresent();
  }

  /** One group alone is asked for: of each of several there is none. */
  void firstOfAll() {
    firstOfAll = true;
  }

  /** Values are asked for, and not resources. */
  void ofValues() {
    ofValues = true;
  }

  boolean isOfValues() {
    return ofValues;
  }

  void group(Intent.Key key) {
    groups.add(key);
    if (function.isEmpty()) {
      counted = true;
    }
  }

  boolean isGrouped() {
    return !groups.isEmpty();
  }

  void column(Intent.Key key) {
    columns.add(key);
  }

  /** "Sort the volumes": what comes after "by" is an order. */
  void sort() {
    sorting = true;
  }

  boolean isSorting() {
    return sorting;
  }

  void order(Intent.Key key, boolean descending) {
    sorting = false;
    order.add(new Intent.Order(key, descending));
  }

  boolean isOrdered() {
    return !order.isEmpty();
  }

  /** The last order goes the other way. */
  void direction(boolean descending) {
    order.set(order.size() - 1, new Intent.Order(order.getLast().key(), descending));
  }

  /** By age or by what was named. */
  void rank(Intent.Key key, boolean descending) {
    ranked = Optional.of(new Intent.Order(key, descending));
    bySize = Optional.empty();
  }

  /** By a size that may be named later; the word is for an error when there is none. */
  void rankBySize(boolean descending, String word) {
    bySize = Optional.of(descending);
    rank = word;
  }

  boolean isRankedBySize() {
    return bySize.isPresent();
  }

  /** By the member that was named. */
  void rankBy(Intent.Key key) {
    bySize.ifPresent(descending -> rank(key, descending));
  }

  /** The whole, once everything is read. */
  Intent finish(Question question, Subject subject, List<Condition> conditions, boolean union)
      throws NotUnderstood {
    Optional<Map<ResourceType, Field>> size = question.size(subject.types());
    if (function.isPresent() && computed.isEmpty()) {
      if (!function.get().equals("sum")) {
        throw new NotUnderstood(
            function.get().equals("avg") ? "average" : function.get(), "of what number?");
      }
      if (size.isPresent() && question.rest(0).matches(".*how (?:much|big|large).*")) {
        computed = Optional.of(Keys.member(size.get()));
      } else {
        counted = true;
      }
    }
    if (compared && counted && groups.isEmpty()) {
      groups.add(new Intent.Key.Column("region"));
    }
    boolean ofEach = bySize.isPresent() && !List.of("top", "bottom", "first").contains(rank);
    boolean several = firstOfAll && new LinkedHashSet<>(groups).size() > 1;
    if (!groups.isEmpty() && (ranked.isPresent() || ofEach || several)) {
      throw new NotUnderstood(
          (several ? groups.getLast() : groups.getFirst()).text(),
          "the first of each group cannot be listed, only of all");
    }
    ranked.ifPresent(order::addFirst);
    if (bySize.isPresent() && groups.isEmpty()) {
      if (size.isPresent()) {
        order.addFirst(new Intent.Order(Keys.member(size.get()), bySize.get()));
      } else if (!rank.equals("top") || order.isEmpty()) {
        throw new NotUnderstood(rank, "by what number?");
      }
    } else if (bySize.isPresent() && order.isEmpty()) {
      order.add(new Intent.Order(Intent.NUMBER, bySize.get()));
    }
    if (having.isPresent()
        && (percent || union || computed.isPresent() || new LinkedHashSet<>(groups).size() > 1)) {
      throw new NotUnderstood(groups.getFirst().text(), "with one number of one kind at a time");
    }
    if (percent) {
      check(subject, conditions);
    }
    if (missing.isPresent()) {
      return nowhere(subject, conditions, missing.get());
    }
    Intent.Action action =
        percent
            ? new Intent.Action.Percent(percentOf)
            : computed.isPresent()
                ? new Intent.Action.Compute(function.orElse("sum"), computed.get())
                : counted ? new Intent.Action.Count() : new Intent.Action.Show();
    if (!(action instanceof Intent.Action.Show)) {
      order.removeIf(each -> each.key().equals(new Intent.Key.Column("created")));
    }
    return new Intent(
        action,
        subject,
        conditions,
        by(union && !percent, TOGETHER.matcher(question.rest(0)).find()),
        columns,
        order,
        limit,
        having,
        dropped);
  }

  private Intent nowhere(Subject subject, List<Condition> conditions, String column)
      throws NotUnderstood {
    if (counted || percent || function.isPresent() || !groups.isEmpty() || !order.isEmpty()) {
      throw new NotUnderstood("", "where there are none can only be listed");
    }
    for (Condition each : conditions) {
      Condition of = each instanceof Condition.Not(Condition inner) ? inner : each;
      if (of instanceof Condition.InRegion
          || of instanceof Condition.InAccount
          || of instanceof Condition.During) {
        throw new NotUnderstood("", "where there are none is listed for all, as they are now");
      }
    }
    return new Intent(
        new Intent.Action.Missing(column),
        subject,
        conditions,
        List.of(),
        List.of(),
        List.of(),
        limit,
        Optional.empty(),
        dropped);
  }

  private void check(Subject subject, List<Condition> conditions) throws NotUnderstood {
    if (conditions.size() <= percentOf) {
      throw new NotUnderstood("percentage", "of what it is the share is not said");
    }
    boolean ofAny =
        conditions.stream()
            .map(each -> each instanceof Condition.Not(Condition of) ? of : each)
            .allMatch(
                each ->
                    each instanceof Condition.Tag
                        || each instanceof Condition.Tags
                        || each instanceof Condition.InRegion
                        || each instanceof Condition.InAccount);
    if (subject.isEverything() && !ofAny) {
      throw new NotUnderstood("percentage", "of which kind of resources?");
    }
    if (function.isPresent() || ranked.isPresent() || bySize.isPresent()) {
      throw new NotUnderstood("percentage", "one number at a time");
    }
    boolean gone =
        conditions.stream()
            .anyMatch(
                each ->
                    each instanceof Condition.During during
                        && during.life() == Condition.Life.GONE);
    if (gone) {
      throw new NotUnderstood("percentage", "what is gone is no part of what is there");
    }
  }

  private List<Intent.Key> by(boolean union, boolean together) {
    List<Intent.Key> by = new ArrayList<>(new LinkedHashSet<>(groups));
    boolean byType =
        by.stream().anyMatch(key -> key.label().equals("type") || key.label().equals("service"));
    if (counted && computed.isEmpty() && union && !byType && !(by.isEmpty() && together)) {
      by.add(new Intent.Key.Column("service"));
      by.add(new Intent.Key.Column("type"));
    }
    return by;
  }
}
