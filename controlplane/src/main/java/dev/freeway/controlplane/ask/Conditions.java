package dev.freeway.controlplane.ask;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a question while it is read. They hold together; "or" joins two that stand
 * beside it. "Not" and its like turn the next, and those that "or" joins to it. After a relation,
 * as "in VPCs", they are those of the other, until something is said that can only be the
 * subject's.
 */
final class Conditions {
  /**
   * What conditions are of.
   *
   * @param within what it is related to; nothing for the subject itself
   * @param of conditions, made when all is read
   */
  private record Scope(
      Subject subject, Optional<Scope> within, boolean negated, List<Supplier<Condition>> of) {
    List<Condition> conditions() {
      return of.stream().map(Supplier::get).toList();
    }
  }

  /**
   * One of the subject's.
   *
   * @param or whether "or" joins it to what is before
   * @param branch whether what is before is one whole, and this begins another
   */
  private record Part(Supplier<Condition> of, boolean or, boolean branch) {}

  private final List<Part> parts = new ArrayList<>();
  private boolean branch;
  private Scope root;
  private Scope scope;
  private final List<Supplier<Condition>> ahead = new ArrayList<>();
  private boolean negated;

  /** By "nor". */
  private boolean neither;

  private boolean doubtful;
  private @Nullable Condition newest;
  private boolean noun;
  private boolean rest;
  private boolean negatedBefore;
  private boolean nounBefore;
  private boolean joined;

  Conditions(Subject subject) {
    root = new Scope(subject, Optional.empty(), false, new ArrayList<>());
    scope = root;
  }

  /** Whose conditions are read. */
  Subject subject() {
    return scope.subject();
  }

  boolean isOfSubject() {
    return scope.within().isEmpty();
  }

  /** Whether what is read is of something that there has to be none of. */
  boolean isOfNone() {
    for (Scope each = scope; ; each = each.within().orElseThrow()) {
      if (each.negated()) {
        return true;
      }
      if (each.within().isEmpty()) {
        return false;
      }
    }
  }

  boolean isEmpty() {
    return scope.of().isEmpty();
  }

  /** The subject has further types. */
  void widen(Subject subject) {
    boolean here = isOfSubject();
    root = new Scope(subject, Optional.empty(), false, root.of());
    if (here) {
      scope = root;
    }
  }

  /** What comes is the subject's again. */
  void backToSubject() {
    scope = root;
  }

  /**
   * The next is turned.
   *
   * @param asNoun by a word such as "without", which "and" carries on: "without a and b"
   */
  void negate(boolean asNoun) {
    negated = !negated;
    noun = asNoun;
    rest = false;
  }

  /** What is left out may be several: "except a and b", whatever these are. */
  void exceptAll() {
    rest = true;
  }

  boolean isNegated() {
    return negated;
  }

  /** The negation is used up by what is said itself. */
  boolean takeNegation() {
    boolean was = negated;
    negated = false;
    return was;
  }

  /** The next is joined to the one before. */
  void or() {
    joined = true;
  }

  /** The same, and after a negation it is one more of what is not. */
  void nor() {
    or();
    neither = true;
  }

  /** The next is joined to the one before, of which a negation goes no further: "or with a". */
  void orElse() {
    joined = true;
    negatedBefore = false;
    scope = root;
  }

  /** Everything before is one whole, and what comes is the other: "or stopped ones in x". */
  void orBranch() {
    orElse();
    branch = true;
  }

  /** Whether it is another value of the member that the last condition is of. */
  boolean isInPlaceOf(Condition condition) {
    List<Condition> before = scope.conditions();
    if (before.isEmpty() || negated || negatedBefore || joined) {
      return false;
    }
    Condition last =
        before.getLast() instanceof Condition.Any any ? any.of().getLast() : before.getLast();
    return last instanceof Condition.Of one
        && condition instanceof Condition.Of other
        && one.operator() == Expression.Operator.EQUAL
        && other.operator() == Expression.Operator.EQUAL
        && one.fields().equals(other.fields());
  }

  /** The subject's so far. */
  List<Condition> ofSubject() {
    return root.conditions();
  }

  boolean isJoined() {
    return joined;
  }

  /** "And" after "without a": without b, where b is a thing as well. */
  void and(boolean thing) {
    if ((thing || rest) && negatedBefore && nounBefore && !negated) {
      negated = true;
      noun = true;
    }
  }

  /** A condition. */
  void add(Condition condition) {
    if (joined && nounBefore && !rest && isPlace(condition)) {
      negatedBefore = false; // "without a or in b": a place is nothing to be without
    }
    doubtful |= isEither() && (newest == null || !isAlike(newest, condition));
    newest = condition;
    put(() -> condition);
  }

  /** Whether "or" comes after "not a": "not a or b" is neither, or it is "b, or not a". */
  private boolean isEither() {
    return joined && negatedBefore && !nounBefore && !negated && !rest && !neither;
  }

  /** Of two tags, two places, or two values of one member it can only be neither. */
  private static boolean isAlike(Condition before, Condition next) {
    return before.getClass() == next.getClass()
        && !(before instanceof Condition.Meant)
        && !(before instanceof Condition.Of one
            && next instanceof Condition.Of other
            && !one.fields().equals(other.fields()));
  }

  /** A condition of what will be named only after it: "attached to stopped instances". */
  void addAhead(Condition condition) {
    ahead.add(() -> condition);
  }

  boolean isAhead() {
    return !ahead.isEmpty();
  }

  /** That so many others are related; their conditions follow. */
  void relate(Subject other, Expression.Operator operator, long number) {
    List<Supplier<Condition>> of = new ArrayList<>(ahead);
    ahead.clear();
    doubtful |= isEither();
    boolean none = negated || (joined && negatedBefore);
    Scope related = new Scope(other, Optional.of(scope), none, of);
    put(() -> new Condition.Related(other, related.conditions(), operator, number));
    scope = related;
  }

  /** That it names another. */
  void relateTo(Subject other) {
    Scope related = new Scope(other, Optional.of(scope), negated, new ArrayList<>(ahead));
    ahead.clear();
    put(() -> Condition.Related.to(other, related.conditions()));
    scope = related;
  }

  /** That another is related, at once or by way of a third. */
  void relateBy(Subject way, Subject other) {
    List<Supplier<Condition>> of = new ArrayList<>(ahead);
    ahead.clear();
    boolean none = negated || (joined && negatedBefore);
    Scope related = new Scope(other, Optional.of(scope), none, of);
    put(() -> new Condition.By(way, other, related.conditions()));
    scope = related;
  }

  /** How many conditions of the subject there are so far. */
  int number() {
    return root.of().size();
  }

  /** One more relation of what the last one was a relation of: "without a or b". */
  boolean backToRelated() {
    if (scope.within().isEmpty() || !scope.of().isEmpty()) {
      return false;
    }
    scope = scope.within().orElseThrow();
    return true;
  }

  private void put(Supplier<Condition> condition) {
    boolean carried = joined && negatedBefore && !negated;
    boolean contrary = negated || carried;
    Supplier<Condition> said = contrary ? () -> opposite(condition.get()) : condition;
    List<Supplier<Condition>> of = scope.of();
    if (isOfSubject()) {
      parts.add(new Part(said, joined && !carried && !parts.isEmpty(), branch));
      branch = false;
    }
    // "not a or b" is neither; "without a or without b" is either.
    if (joined && !carried && !of.isEmpty()) {
      Supplier<Condition> before = of.removeLast();
      of.add(() -> any(before.get(), said.get()));
    } else {
      of.add(said);
    }
    negatedBefore = contrary;
    nounBefore = noun;
    negated = false;
    joined = false;
    neither = false;
  }

  private static Condition any(Condition before, Condition said) {
    List<Condition> parts = new ArrayList<>();
    if (before instanceof Condition.Any any) {
      parts.addAll(any.of());
    } else {
      parts.add(before);
    }
    parts.add(said);
    return new Condition.Any(parts);
  }

  private static Condition opposite(Condition condition) {
    return switch (condition) {
      case Condition.Not(Condition of) -> of;
      case Condition.Of of when of.operator().isOrder() ->
          new Condition.Of(
              of.fields(), of.operator().opposite(), of.match(), of.values(), of.shown());
      default -> new Condition.Not(condition);
    };
  }

  /**
   * The subject's.
   *
   * @throws NotUnderstood when something is said of nothing
   */
  List<Condition> finish(String last) throws NotUnderstood {
    if (doubtful) {
      throw new NotUnderstood(
          "or", "after \"not\" that may mean two things; say \"not\" or \"nor\" before each");
    }
    if (negated) {
      throw new NotUnderstood(last, "a negation with nothing after it");
    }
    if (joined) {
      throw new NotUnderstood(last, "an \"or\" with nothing after it");
    }
    if (!ahead.isEmpty()) {
      throw new NotUnderstood(last, "");
    }
    return branches().orElseGet(() -> root.conditions());
  }

  /** The wholes that "or" stands between, where it joins more than what is beside it. */
  private Optional<List<Condition>> branches() throws NotUnderstood {
    boolean marked = parts.stream().anyMatch(Part::branch);
    List<List<Part>> wholes = new ArrayList<>();
    for (Part part : parts) {
      if (wholes.isEmpty() || (marked ? part.branch() : part.or())) {
        wholes.add(new ArrayList<>());
      }
      wholes.getLast().add(part);
    }
    if (wholes.size() < 2 || parts.size() == wholes.size()) {
      return Optional.empty();
    }
    List<List<Condition>> said = wholes.stream().map(Conditions::joined).toList();
    if (!marked && said.stream().map(Conditions::kinds).distinct().count() > 1) {
      long placed =
          said.stream().filter(whole -> whole.stream().anyMatch(Conditions::isPlace)).count();
      boolean mixed = false;
      for (int i = 1; i < said.size(); i++) {
        Condition one = said.get(i - 1).getLast();
        Condition other = said.get(i).getFirst();
        mixed |= isPlace(one) != isPlace(other) || (placed > 0 && isTime(one) != isTime(other));
      }
      if (mixed || placed > 1) {
        throw new NotUnderstood("or", "what belongs together is not clear; ask for each by itself");
      }
      return Optional.empty();
    }
    return Optional.of(List.of(new Condition.Any(said.stream().map(Conditions::all).toList())));
  }

  private static List<Condition> joined(List<Part> parts) {
    List<Condition> all = new ArrayList<>();
    for (Part part : parts) {
      if (part.or() && !part.branch() && !all.isEmpty()) {
        all.add(any(all.removeLast(), part.of().get()));
      } else {
        all.add(part.of().get());
      }
    }
    return all;
  }

  private static Condition all(List<Condition> of) {
    return of.size() == 1 ? of.getFirst() : new Condition.All(of);
  }

  private static boolean isPlace(Condition condition) {
    return condition instanceof Condition.Not(Condition of)
        ? isPlace(of)
        : condition instanceof Condition.InRegion || condition instanceof Condition.InAccount;
  }

  private static boolean isTime(Condition condition) {
    return condition instanceof Condition.During || condition instanceof Condition.TimeOf;
  }

  /** What kinds of conditions there are, in any order: wholes of the same kinds are set apart. */
  private static List<String> kinds(List<Condition> conditions) {
    return conditions.stream()
        .map(
            condition ->
                isPlace(condition)
                    ? "place"
                    : switch (condition) {
                      case Condition.Tag _ -> "tag";
                      case Condition.During _ -> "time";
                      case Condition.TimeOf _ -> "time";
                      default -> "quality";
                    })
        .sorted()
        .toList();
  }
}
