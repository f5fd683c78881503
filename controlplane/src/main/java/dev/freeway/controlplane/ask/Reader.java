package dev.freeway.controlplane.ask;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads one question from its first word to its last. What is asked for is found first, since what
 * words mean depends on it; then every word is taken by the first rule that can use it, rules for
 * more words before rules for fewer. A word that no rule takes and that is not one of the few that
 * mean nothing is an error.
 */
final class Reader {
  private static final Set<String> COST =
      Set.of(
          "cost",
          "costs",
          "costing",
          "costly",
          "price",
          "prices",
          "pricey",
          "expensive",
          "cheapest",
          "cheap",
          "spend",
          "spending",
          "bill",
          "bills",
          "money",
          "dollar",
          "dollars",
          "savings",
          "save",
          "saving",
          "waste",
          "wasted",
          "wasting",
          "wasteful",
          "pay",
          "paying",
          "usd",
          "$");

  private static final List<Rule> RULES =
      List.of(
          new MembersRule(),
          new HavingRule(),
          new PercentRule(),
          new DistinctRule(),
          new WhichRule(),
          new CountRule(),
          new OrderRule(),
          new FieldValueRule(),
          new VerbRule(),
          new UntaggedRule(),
          new TagRule(),
          new OwnerRule(),
          new TagWordRule(),
          new ManagedRule(),
          new VersionRule(),
          new LastUseRule(),
          new LifeRule(),
          new LimitRule(),
          new RelatedRule(),
          new NameRule(),
          new PortRule(),
          new MeaningRule(),
          new RegionRule(),
          new AccountRule(),
          new RankRule(),
          new DefaultRule(),
          new ColumnsRule(),
          new NegationRule(),
          new ValueRule(),
          new SubjectRule(),
          new FunctionRule(),
          new AmountRule(),
          new FieldRule(),
          new GroupRule(),
          new WordRule());

  /**
   * What a question says.
   *
   * @param readAs words that were taken for others
   */
  record Read(Intent intent, Map<String, String> readAs) {
    /** Copies the map. */
    Read {
      readAs = Collections.unmodifiableMap(new LinkedHashMap<>(readAs)); // as they were said
    }
  }

  private Reader() {}

  /**
   * Reads a question.
   *
   * @throws NotUnderstood when a word of it has no part in what was understood
   */
  static Read read(Question question, Known known, Instant now) throws NotUnderstood {
    if (question.size() == 0) {
      throw new NotUnderstood("", "an empty question");
    }
    Optional<Around> around = Around.of(question);
    Reading reading = new Reading(question, known, now, around, Subjects.find(question, around));
    while (!reading.isAtEnd()) {
      one(reading);
    }
    return new Read(reading.finish(), reading.readAs);
  }

  private static void one(Reading reading) throws NotUnderstood {
    Token token = reading.question.get(reading.at());
    if (token.quoted()) {
      reading.addOfAnything(
          new Condition.Named(Condition.Match.CONTAINS, token.text()), reading.at() + 1);
      return;
    }
    for (Rule rule : RULES) {
      if (rule.read(reading)) {
        return;
      }
    }
    refuseCost(reading.question, reading.at());
    if (!reading.known.isName(token.text())) {
      for (int i = reading.at(); i < reading.question.size(); i++) {
        refuseCost(reading.question, i);
      }
      throw new NotUnderstood(token.text(), "");
    }
    refuseOther(reading, token);
    reading.addOfAnything(new Condition.Named(Condition.Match.IS, token.text()), reading.at() + 1);
  }

  /** "Instances in NAME", where no instance is called so: in what, must be said. */
  private static void refuseOther(Reading reading, Token name) throws NotUnderstood {
    boolean around = reading.question.is(reading.at() - 1, Identifiers.BEFORE);
    if (reading.types().isEmpty() ? around : !reading.known.isName(reading.types(), name.text())) {
      throw new NotUnderstood(
          name.text(),
          "say what that is, as in \"load balancer "
              + name.text()
              + "\" or \"VPC "
              + name.text()
              + "\"");
    }
  }

  private static void refuseCost(Question question, int index) throws NotUnderstood {
    Token token = question.get(index);
    if (!token.quoted()
        && !question.is(index + 1, "center", "centre")
        && COST.contains(token.lower())) {
      throw new NotUnderstood(
          token.text(), "costs are not in the inventory; freeway waste lists what is unused");
    }
  }
}
