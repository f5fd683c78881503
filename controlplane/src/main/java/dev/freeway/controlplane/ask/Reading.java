package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One question while it is read: how far, and what came of it so far. Of one thread. */
final class Reading {
  final Question question;
  final Known known;
  final Instant now;
  final Optional<Around> around;
  final Draft draft = new Draft();
  final Conditions conditions;

  /** Values that were read as their long forms. */
  final Map<String, String> readAs = new LinkedHashMap<>();

  private Subject subject;
  private int subjectEnd;
  private boolean subjectSeen;
  private boolean union;
  private boolean something;
  private int at;
  private int again = -1;

  /**
   * At the first word.
   *
   * @param around what is asked for everything around
   * @param asked what the question is about, if it says so
   */
  Reading(
      Question question,
      Known known,
      Instant now,
      Optional<Around> around,
      Optional<Found<Subject>> asked) {
    this.question = question;
    this.known = known;
    this.now = now;
    this.around = around;
    this.subject = asked.map(Found::what).orElse(Subject.EVERYTHING);
    this.subjectEnd = asked.map(Found::end).orElse(-1);
    this.something = asked.isPresent();
    this.subjectSeen = subjectEnd == 0; // by what is said of it
    this.conditions = new Conditions(subject);
  }

  /** The next word. */
  int at() {
    return at;
  }

  boolean isAtEnd() {
    return at >= question.size();
  }

  /** Goes on at a word. */
  void goTo(int index) {
    at = Math.min(index, question.size());
  }

  /** Goes on after so many words. */
  void skip(int words) {
    goTo(at + words);
  }

  /** Whether the next word is one of these. */
  boolean is(String... words) {
    return question.is(at, words);
  }

  // --- what is asked for ---

  /** At a word the subject is named once more. */
  void again(int index) {
    again = index;
  }

  boolean isAgain() {
    return at == again;
  }

  Subject subject() {
    return subject;
  }

  /** The word after the subject; -1 when the question names none. */
  int subjectEnd() {
    return subjectEnd;
  }

  boolean isSubjectSeen() {
    return subjectSeen;
  }

  /** The subject was named, up to a word. */
  void seeSubject(int end) {
    goTo(end);
    subjectSeen |= end == subjectEnd;
  }

  /** It is of further types too. */
  void widen(Subject wider, int end) {
    subject = wider;
    conditions.widen(wider);
    subjectEnd = end;
    union = true;
    goTo(end);
  }

  /** Whose conditions are read. */
  Subject current() {
    return conditions.subject();
  }

  List<ResourceType> types() {
    return conditions.subject().types();
  }

  /** A member of what conditions are read of. */
  Optional<Found<Map<ResourceType, Field>>> field(int from) {
    return question.field(from, conditions.subject());
  }

  // --- what is said of it ---

  /** Something that can be asked was said. */
  void say() {
    something = true;
  }

  boolean isSomething() {
    return something;
  }

  /** A condition, by the words up to one. */
  void add(Condition condition, int end) {
    something = true;
    conditions.add(condition);
    goTo(end);
  }

  /**
   * A condition that can be of anything: after "without a" nobody can tell of what.
   *
   * @throws NotUnderstood there
   */
  void addOfAnything(Condition condition, int end) throws NotUnderstood {
    if (conditions.isOfNone()) {
      throw new NotUnderstood(
          question.get(at).text(),
          "it may be of either; say it before \"" + word(conditions.subject()) + "\"");
    }
    add(condition, end);
  }

  private static String word(Subject related) {
    return "without " + related.words();
  }

  /** Whether something other than what is asked for is named at a word. */
  boolean isBeforeOther(int index) {
    return subjectSeen
        && question
            .mention(index)
            .filter(
                mention ->
                    !mention.isEverything()
                        && !mention.service()
                        && mention.types().stream().noneMatch(subject.types()::contains)
                        && question
                            .field(index, conditions.subject())
                            .filter(field -> field.end() > mention.end())
                            .isEmpty())
            .isPresent();
  }

  /**
   * A condition of what is named after it: "attached to stopped instances".
   *
   * @throws NotUnderstood after a mere "and": that would be a second question
   */
  void addAhead(Condition condition, int end) throws NotUnderstood {
    if (!conditions.isAhead() && !conditions.isNegated()) {
      beside();
    }
    conditions.addAhead(condition);
    goTo(end);
  }

  /** What follows an "and" is one more relation of what the last was of, or a second question. */
  void beside() throws NotUnderstood {
    int before = at - 1;
    while (question.is(before, "a", "an", "the", "any", "all", "my", "our")) {
      before--;
    }
    if (!question.is(before, "and", "or", ",", "vs", "versus", "&", "plus")) {
      return;
    }
    if (!conditions.backToRelated()) {
      throw new NotUnderstood(question.get(at).text(), "one question at a time");
    }
    if (!question.is(before, "or")) {
      conditions.and(true);
    }
  }

  /** What is asked for are only some of its types. */
  void narrow(Subject narrower) {
    draft.drop(subject.types().stream().filter(type -> !narrower.types().contains(type)).toList());
    subject = narrower;
    conditions.widen(narrower);
  }

  /** A tag: of what is named after it, if something is. */
  void addTag(Condition tag, int end) throws NotUnderstood {
    if (isBeforeOther(end)) {
      addAhead(tag, end);
    } else {
      addOfAnything(tag, end);
    }
  }

  /** A place: of the subject, unless it has none or what is related is there. */
  void addPlace(Condition condition, int end) {
    if (conditions.isOfNone()
        && subject.types().stream().noneMatch(type -> type.service().equals("iam"))) {
      conditions.backToSubject();
    }
    add(condition, end);
  }

  /** "gp2 volumes that could be gp3": no volume is both. */
  private static void contradiction(List<Condition> all) throws NotUnderstood {
    Map<Map<ResourceType, Field>, Condition.Of> equal = new HashMap<>();
    for (Condition each : all) {
      if (each instanceof Condition.Of of
          && of.operator() == Expression.Operator.EQUAL
          && of.fields().values().stream().noneMatch(field -> field.path().text().contains("[]"))) {
        Condition.Of before = equal.put(of.fields(), of);
        if (before != null && !before.values().equals(of.values())) {
          throw new NotUnderstood(
              of.values().getFirst(), "it cannot be that and " + before.values().getFirst());
        }
      }
    }
  }

  /** "Untagged in production": what has no tags has none that says so. */
  private static void tagless(List<Condition> all) throws NotUnderstood {
    boolean none = all.contains(new Condition.Tags(Expression.Operator.EQUAL, 0));
    for (Condition each : all) {
      if (each
          instanceof Condition.Not(Condition.Tags(Expression.Operator operator, long number))) {
        none |= operator == Expression.Operator.MORE && number == 0;
      }
    }
    for (Condition each : all) {
      if (none && each instanceof Condition.Tag tag) {
        throw new NotUnderstood(
            tag.values().isEmpty() ? tag.key() : tag.values().getFirst(),
            "what has no tags does not "
                + tag.text()
                + "; what else it may be known by is its name, its account or its region");
      }
    }
  }

  /**
   * "Without a dead-letter queue, excluding dead-letter queues": the second says something else.
   */
  private static void repeated(List<Condition> all) throws NotUnderstood {
    for (int i = 1; i < all.size(); i++) {
      if (all.subList(0, i).contains(all.get(i))) {
        throw new NotUnderstood("", "that they " + all.get(i).text() + " is said twice");
      }
    }
  }

  Intent finish() throws NotUnderstood {
    String first = question.get(0).text();
    List<Condition> all = LifeRule.lately(conditions.finish(question.last().text()), question);
    if (!something) {
      throw new NotUnderstood(first, "it says nothing of what is in an account");
    }
    if (subject.isEverything()
        && all.isEmpty()
        && !draft.isGrouped()
        && !draft.isCount()
        && draft.computed().isEmpty()
        && subjectEnd < 0) {
      throw new NotUnderstood(first, "it does not say of what");
    }
    if (subject.isEverything() && subjectEnd < 0 && draft.isCount() && !draft.isGrouped()) {
      for (Condition each : all) {
        if (each instanceof Condition.Meant(Meanings.Meaning meaning)
            && meaning.name().equals("with a public IP address")) {
          // an instance and its network interface have the same
          throw new NotUnderstood("public", "of what kind of resources?");
        }
      }
    }
    if (draft.isPercent() && all.stream().anyMatch(Condition::isOfWholes)) {
      throw new NotUnderstood("or", "a share of either of two is not known");
    }
    contradiction(all);
    tagless(all);
    repeated(all);
    return draft.finish(question, subject, all, union);
  }
}
