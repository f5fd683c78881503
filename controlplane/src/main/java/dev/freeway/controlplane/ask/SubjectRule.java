package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Types and services: the subject itself, further ones, and what it is related to. */
final class SubjectRule implements Rule {
  private static final String[] AND = {"and", "or", ",", "vs", "versus", "&", "plus"};

  /** They stand for members as often as for types. */
  private static final String[] PLAIN = {
    "account",
    "accounts",
    "region",
    "regions",
    "service",
    "services",
    "type",
    "types",
    "key",
    "role",
    "user",
    "group"
  };

  /** Of these, what they are for is a service: its name is in their documents. */
  private static final Set<String> SERVING = Set.of("iam:role", "vpc:vpc-endpoint", "iam:policy");

  private static final Set<String> SERVED =
      Set.of(
          "s3:bucket",
          "lambda:function",
          "dynamodb:table",
          "ec2:instance",
          "ecs:service",
          "eks:cluster",
          "ecr:repository");

  /** Whether what stands here is what something is said to allow. */
  static boolean isAllowed(Reading reading) {
    return reading.question.lower(reading.at() - 1).matches("allow.*|permit.*|grant.*");
  }

  /** "That allow everything": of what is not said. */
  static NotUnderstood allowed(Reading reading) {
    return new NotUnderstood(
        reading.question.get(reading.at()).text(),
        "what they allow is not in that word; ask for administrators, or for what is open to the"
            + " world");
  }

  @Override
  public boolean read(Reading reading) throws NotUnderstood {
    int at = reading.at();
    Optional<Mention> found = reading.question.mention(at);
    if (found.isEmpty()) {
      return false;
    }
    Mention mention = found.get();
    if (mention.end() == reading.subjectEnd()) {
      reading.seeSubject(mention.end());
      further(reading);
      return true;
    }
    if (!reading.isSubjectSeen() && mention.end() < reading.subjectEnd()) {
      return before(reading, mention);
    }
    if (!reading.isSubjectSeen() || isMember(reading, mention)) {
      return false;
    }
    boolean all = reading.is("everything", "anything", "all");
    boolean rights =
        !reading.subject().types().isEmpty()
            && reading.subject().types().stream().allMatch(type -> type.service().equals("iam"));
    if ((isAllowed(reading) && (all || rights))
        || (all && reading.question.is(at - 1, "do", "does", "doing"))) {
      throw allowed(reading);
    }
    boolean again =
        reading.draft.isOfValues()
            && reading.conditions.isOfSubject()
            && mention.types().equals(reading.subject().types());
    if (mention.isEverything()
        || again
        || reading.isAgain()) { // "instance types of stopped instances"
      reading.goTo(mention.end());
      return true;
    }
    if (reading.is(PLAIN)
        && mention.end() == at + 1
        && !mention.types().isEmpty()
        && reading.known.isName(reading.question.get(at).text())) {
      return false;
    }
    return related(reading, mention);
  }

  private static boolean isMember(Reading reading, Mention mention) {
    return reading
        .field(reading.at())
        .filter(
            field ->
                field.end() > mention.end()
                    || (Comparing.follows(reading.question, field.end())
                        && !reading.question.is(field.end(), "older", "newer", "that", "which")))
        .isPresent();
  }

  /** A word before the subject: its service, or what it belongs to. */
  private static boolean before(Reading reading, Mention mention) {
    if (reading.is(PLAIN) && mention.end() == reading.at() + 1) {
      return false;
    }
    boolean same =
        mention.isEverything()
            || mention.types().stream().anyMatch(reading.subject().types()::contains);
    if (!same) {
      reading.conditions.relate(Subject.of(mention.types()), Expression.Operator.AT_LEAST, 1);
      reading.conditions.backToSubject();
    }
    reading.goTo(mention.end());
    return true;
  }

  /** Further types: "instances and volumes". */
  private static void further(Reading reading) {
    Question question = reading.question;
    while (reading.is(AND)) {
      int next = question.skip(reading.at() + 1, "and", "or", "all", "the", "my");
      Optional<Mention> mention = question.mention(next);
      if (mention.isEmpty()
          || mention.get().isEverything()
          || question.mention(mention.get().end()).filter(each -> !each.isEverything()).isPresent()
          || question.meaning(next, reading.types(), mention.get().end() - next).isPresent()) {
        return;
      }
      Set<ResourceType> all = new LinkedHashSet<>(reading.subject().types());
      all.addAll(mention.get().types());
      reading.widen(Subject.of(List.copyOf(all)), mention.get().end());
    }
  }

  private static boolean related(Reading reading, Mention mention) throws NotUnderstood {
    if (reading.current().isEverything()
        && reading.around.filter(one -> one.isAt(mention)).isPresent()) {
      around(reading, reading.around.get());
      return true;
    }
    if (reading.current().isEverything() && !mention.types().isEmpty()) {
      // "except ec2": all of the service, and not its instances
      List<ResourceType> types = reading.question.service(reading.at(), mention.end());
      String words = reading.question.words(reading.at(), mention.end());
      if (reading.question.is(reading.at() - 1, "and", ",")) {
        reading.conditions.and(true);
      }
      reading.add(
          new Condition.OfType(types.isEmpty() ? mention.types() : types, words), mention.end());
      return true;
    }
    if (mention.service() || isServed(reading, mention)) {
      if (reading.types().stream().anyMatch(mention.types()::contains)) {
        reading.goTo(mention.end());
        return true;
      }
      if (mention.types().isEmpty()) {
        return false;
      }
      String label = mention.types().getFirst().service();
      int end = reading.question.skip(mention.end(), "service", "services");
      reading.add(new Condition.Mentions(fragment(reading, label), label), end);
      return true;
    }
    relate(reading, Subject.of(mention.types()), Expression.Operator.AT_LEAST, 1, mention.end());
    return true;
  }

  /** "What uses the role r": all that names it, and r is its name whatever it may mean besides. */
  private static void around(Reading reading, Around around) throws NotUnderstood {
    Question question = reading.question;
    Mention mention = around.mention();
    if (reading.conditions.isNegated()) {
      throw new NotUnderstood(
          question.words(mention.start(), mention.end()),
          "all but that is nearly everything; ask for one type, as in \"instances not in ...\"");
    }
    Subject other = Subject.of(mention.types());
    Optional<List<ResourceType>> others =
        around
            .noUser()
            .map(key -> question.types(key.substring(key.indexOf(':') + 1).replace('-', ' ')));
    if (others.isPresent()) {
      reading.conditions.add(
          new Condition.Not(new Condition.OfType(others.get(), Subject.of(others.get()).words())));
    }
    if (around.isOneWay()) {
      reading.conditions.relateTo(other);
    } else {
      reading.conditions.relate(other, Expression.Operator.AT_LEAST, 1);
    }
    reading.say();
    reading.goTo(mention.end());
    boolean last = reading.at() == question.size() - 1;
    if (last
        && question.is(mention.start() - 1, "the")
        && !question.lower(reading.at() - 1).endsWith("s")
        && !WordRule.isNothing(question.lower(reading.at()))) {
      String name = question.get(reading.at()).text();
      if (!reading.known.isName(mention.types(), name)) {
        throw new NotUnderstood(
            name, "none of the " + other.words() + " in the inventory is called so");
      }
      reading.add(new Condition.Named(Condition.Match.IS, name), question.size());
    }
  }

  /**
   * So many others are related.
   *
   * @throws NotUnderstood after a mere "and": that would be a second question
   */
  static void relate(
      Reading reading, Subject other, Expression.Operator operator, long number, int end)
      throws NotUnderstood {
    if (!reading.conditions.isAhead() && !reading.conditions.isNegated()) {
      reading.beside();
    }
    Subject its = likely(reading, other, end);
    Optional<String> way = Links.way(reading.types(), its.types());
    if (way.isEmpty()) {
      reading.conditions.relate(its, operator, number);
    } else if (operator == Expression.Operator.AT_LEAST && number == 1) {
      reading.conditions.relateBy(Subject.of(reading.question.types(way.get())), its);
    } else {
      throw new NotUnderstood(
          reading.question.get(end - 1).text(),
          "how many there are by way of a " + way.get() + " is not known, only whether there are");
    }
    reading.say();
    reading.goTo(end);
  }

  /**
   * Of what has several meanings, what goes together: of "clusters with services" those of ECS.
   *
   * @throws NotUnderstood when it has many and nobody can tell which
   */
  private static Subject likely(Reading reading, Subject other, int end) throws NotUnderstood {
    Set<String> mine = services(reading.types());
    Subject its = near(reading, other, mine, end);
    Set<String> others = services(its.types());
    if (others.size() > 1 && !reading.question.isListed(reading.at(), end)) {
      throw new NotUnderstood(
          reading.question.get(reading.at()).text(), "it may be " + its.words());
    }
    List<ResourceType> same =
        reading.types().stream().filter(type -> others.contains(type.service())).toList();
    if (reading.conditions.isOfSubject()
        && !same.isEmpty()
        && mine.size() > 1
        && others.size() == 1) {
      reading.narrow(Subject.of(same));
    }
    if (!Links.exist(reading, its)) {
      throw new NotUnderstood(
          reading.question.get(end - 1).text(),
          "how " + reading.current().words() + " and " + its.words() + " are related is not known");
    }
    return its;
  }

  /** Of what several services have, that of the subject's: snapshots of databases. */
  private static Subject near(Reading reading, Subject other, Set<String> mine, int end) {
    List<ResourceType> rules = rules(reading, other);
    if (!rules.isEmpty()) {
      return Subject.of(rules);
    }
    List<ResourceType> near =
        other.types().stream().filter(type -> mine.contains(type.service())).toList();
    if (near.isEmpty() && !reading.current().isEverything()) {
      near = reading.question.types(mine, reading.at(), end);
    }
    return near.isEmpty() ? other : Subject.of(near);
  }

  /** "Rules" alone are those of event buses; what has rules of its own has these. */
  private static List<ResourceType> rules(Reading reading, Subject other) {
    if (reading.types().size() != 1
        || other.types().size() != 1
        || !other.types().getFirst().key().equals("events:rule")) {
      return List.of();
    }
    return Optional.ofNullable(Subjects.RULES_OF.get(reading.types().getFirst().key()))
        .map(reading.question::types)
        .orElse(List.of());
  }

  /** Whether anything of what is asked for can be related to what is named. */
  static boolean canRelate(Reading reading, Mention mention) {
    Subject other = Subject.of(mention.types());
    return Links.exist(reading, near(reading, other, services(reading.types()), mention.end()));
  }

  private static Set<String> services(List<ResourceType> types) {
    return types.stream().map(ResourceType::service).collect(Collectors.toSet());
  }

  /** Of roles and endpoints a service is what they are for. */
  private static boolean isServed(Reading reading, Mention mention) {
    return reading.types().size() == 1
        && SERVING.contains(reading.types().getFirst().key())
        && (reading.question.is(reading.at() - 1, "for", "to", "of")
            || (reading.question.is(reading.at() - 1, "by")
                && reading.question.is(reading.at() - 2, "assumable", "assumed", "trusted")))
        && SERVED.contains(mention.types().getFirst().key());
  }

  private static String fragment(Reading reading, String label) {
    String name =
        switch (label) {
          case "ecs" -> "ecs-tasks";
          case "stepfunctions" -> "states";
          default -> label;
        };
    return reading.types().getFirst().key().equals("iam:role")
        ? name + ".amazonaws.com"
        : "." + name;
  }
}
