package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds what a question asks for: the first types or service that it names. */
final class Subjects {
  /** So many words may stand before what is counted: "of stopped spot instances". */
  private static final int APART = 2;

  private static final String[] OF = {
    "of", "among", "across", "for", "used", "by", "the", "all", "our", "my"
  };
  private static final Map<String, String> OF_ITSELF =
      Map.of("runtime", "function", "engine", "database");

  /** How rules are called of what has rules of its own. */
  static final Map<String, String> RULES_OF =
      Map.of("ec2:security-group", "security group rule", "elbv2:listener", "listener rule");

  private static final Pattern OPEN_PORT =
      Pattern.compile(
          "open .*ports? .*|(?:what|who|which|anything|everything|is anything|is)(?: \\S+)*? (?:open|opens|allows?|exposes?|exposed|listens?|reachable)(?: \\S+)*? (?:ports? \\d+|\\d+|ssh|rdp|telnet|mysql|postgres|redis|mongodb)(?: .*)?");

  /** Of ECS alone services have tasks. */
  private static final Pattern HAS_TASKS =
      Pattern.compile(
          "(?:that |which )?(?:with|without|have|has|having|running)(?: \\S+){0,4} tasks?(?: .*)?");

  /** What has things is what a tag says: "environments with no databases". */
  private static final Pattern OF_TAG =
      Pattern.compile("(?:that |which )?(?:with|without|have|has|having) .*");

  private Subjects() {}

  static Optional<Found<Subject>> find(Question question, Optional<Around> around)
      throws NotUnderstood {
    if (around.isPresent()) {
      return Optional.of(new Found<>(around.get().subject(question), 0));
    }
    for (int i = 0; i < question.size(); i++) {
      Optional<Mention> found = question.mention(i);
      boolean verb = i == 0 && question.is(0, "group") && question.rest(0).contains(" by ");
      if (found.isEmpty() || verb || question.is(i - 1, "per", "by", "each")) {
        continue;
      }
      Mention mention = found.get();
      Optional<Found<Subject>> rules = rules(question, mention);
      if (rules.isPresent()) {
        return rules;
      }
      if (question.is(i, "dns") && question.is(i + 1, "name", "names")) {
        continue;
      }
      if (question.is(i - 1, "private", "public") && question.is(mention.end(), "of", "for")) {
        continue; // "private ip addresses of instances"
      }
      if (isOfAnother(question, mention) || ManagedRule.isWithin(question, i)) {
        continue;
      }
      boolean dimension =
          question.is(
              i,
              "region",
              "regions",
              "account",
              "accounts",
              "service",
              "services",
              "type",
              "types",
              "tags",
              "tag");
      if (dimension && mention.end() == mention.start() + 1) {
        if (question.is(i, "services") && HAS_TASKS.matcher(question.rest(i + 1)).matches()) {
          return Optional.of(new Found<>(Subject.of(question.types("ecs service")), i + 1));
        }
        continue;
      }
      if (question.is(i, "environments", "environment")
          && mention.end() == i + 1
          && OF_TAG.matcher(question.rest(i + 1)).matches()) {
        continue;
      }
      return Optional.of(withNext(question, mention));
    }
    return counted(question).or(() -> ofItself(question)).or(() -> ofPort(question));
  }

  /** "Rules of the security group": its own, and none of an event bus. */
  private static Optional<Found<Subject>> rules(Question question, Mention mention) {
    boolean rules =
        mention.end() == mention.start() + 1
            && question.is(mention.start(), "rule", "rules")
            && question.is(mention.end(), "of", "in", "for", "on");
    int of = question.skip(mention.end() + 1, "the", "my", "our", "a", "all", "each", "every");
    return question
        .mention(of)
        .filter(other -> rules && other.types().size() == 1)
        .map(other -> RULES_OF.get(other.types().getFirst().key()))
        .map(type -> new Found<>(Subject.of(question.types(type)), mention.end()));
  }

  /** "What is open on port 22": a security group. */
  private static Optional<Found<Subject>> ofPort(Question question) {
    return OPEN_PORT.matcher(question.rest(0)).matches()
        ? Optional.of(new Found<>(Subject.of(question.types("security group")), 0))
        : Optional.empty();
  }

  /** "Top 5 teams by instances": what they are ranked by is counted. */
  private static Optional<Found<Subject>> counted(Question question) {
    int first = question.skip(0, "the", "show", "me", "list");
    if (!question.is(first, "top", "bottom")) {
      return Optional.empty();
    }
    for (int i = first + 2; i < question.size(); i++) {
      Optional<Mention> mention = question.mention(i);
      if (question.is(i - 1, "by") && mention.filter(each -> !each.isEverything()).isPresent()) {
        return Optional.of(found(mention.get(), mention.get().types()));
      }
    }
    return Optional.empty();
  }

  /** "The most common VPC of subnets": subnets are counted. */
  private static boolean isOfAnother(Question question, Mention mention) {
    if (question.is(mention.start() - 1, "which", "what") && !mention.isEverything()) {
      int most = WhichRule.afterMost(question, mention.end()); // "which VPC has the most instances"
      return most > mention.end() && isNamed(question, most);
    }
    if (!DistinctRule.isBefore(question, mention.start())) {
      return false;
    }
    int other = question.skip(mention.end(), OF);
    return other > mention.end() && isNamed(question, other);
  }

  /** Whether something is named at a word or soon after it. */
  private static boolean isNamed(Question question, int from) {
    for (int i = from; i <= from + APART; i++) {
      if (question.mention(i).filter(each -> !each.isEverything()).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** Members that only one kind of thing has: "the most used runtime". */
  private static Optional<Found<Subject>> ofItself(Question question) {
    for (int i = 0; i < question.size(); i++) {
      String type = OF_ITSELF.get(Stems.phrase(question.lower(i)));
      if (type != null
          && (DistinctRule.isBefore(question, i) || DistinctRule.isAfter(question, i + 1))) {
        return Optional.of(new Found<>(Subject.of(question.types(type)), i + 1));
      }
    }
    return Optional.empty();
  }

  /**
   * Of two that stand together the second is asked for, and the first is its service, its state or
   * what it belongs to: "fargate services", "subnet route tables".
   */
  private static Found<Subject> withNext(Question question, Mention mention) throws NotUnderstood {
    Optional<Mention> next = question.mention(mention.end());
    if (next.isEmpty() || next.get().isEverything() || mention.isEverything()) {
      return found(mention, mention.types());
    }
    List<ResourceType> both =
        next.get().types().stream().filter(mention.types()::contains).toList();
    if (!both.isEmpty()) {
      return found(next.get(), both);
    }
    if (mention.service()) {
      throw new NotUnderstood(
          question.get(next.get().start()).text(),
          "there are none of " + question.get(mention.start()).text());
    }
    return found(next.get(), next.get().types());
  }

  private static Found<Subject> found(Mention mention, List<ResourceType> types) {
    return new Found<>(types.isEmpty() ? Subject.EVERYTHING : Subject.of(types), mention.end());
  }
}
