package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What questions of anything name: "what uses the role r", "everything in vpc-1". What is asked for
 * is around it.
 *
 * @param mention of what is named
 * @param kind how the other stands to it
 */
record Around(Mention mention, Kind kind) {
  /** How something stands to what is named. */
  enum Kind {
    /** It lies in it, and says so itself. */
    IN,
    /** It needs it, and so it names it. */
    USES,
    /** Either names the other. */
    WITH,
    /** It gets what a load balancer forwards. */
    BEHIND,
    /** It is of a service, an account or an environment: other words say so. */
    PLACE;

    private static Kind of(String words) {
      return words.matches("in|inside|within|belong.*")
          ? IN
          : words.equals("behind")
              ? BEHIND
              : words.matches("attached.*|associated.*|connected.*|linked.*|related.*")
                  ? WITH
                  : USES;
    }
  }

  private static final Pattern BEFORE =
      Phrases.of(
          "(?:(?:show|list|give|me|us|the|all|of|how|many|count|number) )*(?:what|which|everything|anything|things|resources|resource)"
              + "(?: (?:is|are|was|were|been|got|changed|created|deleted|removed|added|new|that|which|runs?|running|lives?|lies|sits?|resources?|things|else|everything|do|does|we|i|have|has|there|not))*"
              + " (in|inside|within|on|from|uses?|using|behind|belongs? to|depends? on|depending on|relies on|(?:attached|associated|connected|linked|related) (?:to|with)|references?|referencing|points? (?:to|at))"
              + "(?: (?:the|my|our|a|an|any))*");

  /** So many words may say something of what is named: "in a public subnet". */
  private static final int APART = 2;

  private static final Set<String> CONTAINERS =
      Set.of(
          "vpc:vpc",
          "vpc:subnet",
          "ec2:security-group",
          "ec2:availability-zone",
          "autoscaling:auto-scaling-group",
          "ecs:cluster",
          "eks:cluster",
          "rds:db-cluster",
          "docdb:cluster",
          "neptune:cluster",
          "elasticache:replication-group",
          "elbv2:target-group",
          "iam:group",
          "route53:hosted-zone",
          "apigateway:rest-api",
          "glue:database",
          "organizations:organizational-unit");

  private static final Set<String> BALANCERS =
      Set.of(
          "elbv2:application-load-balancer",
          "elbv2:network-load-balancer",
          "elbv2:gateway-load-balancer",
          "elb:classic-load-balancer",
          "elbv2:target-group");

  /** What names such a thing because it is a part of it or has it within, and not for use. */
  private static final Map<String, String> NO_USER =
      Map.of(
          "ec2:security-group", "ec2:security-group-rule",
          "iam:instance-profile", "iam:role");

  /**
   * What stands in a question, if it is one of these.
   *
   * @throws NotUnderstood when it is, and nobody can tell what is around what it names
   */
  static Optional<Around> of(Question question) throws NotUnderstood {
    Optional<Matcher> before = question.match(0, BEFORE);
    if (before.isEmpty()) {
      return Optional.empty();
    }
    int from = Phrases.words(before.get());
    String how = before.get().group(1);
    Optional<Mention> found = mention(question, from);
    if (found.isEmpty() || found.get().isEverything()) {
      return Optional.empty();
    }
    Mention mention = found.get();
    if (isPlace(question, mention, from)) {
      return Optional.of(new Around(mention, Kind.PLACE));
    }
    String said = question.words(mention.start(), mention.end());
    if (how.equals("on")) {
      throw new NotUnderstood(
          said, "what runs on it is not in the inventory; say \"attached to\" or \"using\"");
    }
    Kind kind = Kind.of(how);
    if (isService(question, mention)) {
      if (kind == Kind.IN) {
        return Optional.of(new Around(mention, Kind.PLACE));
      }
      throw new NotUnderstood(said, "that is a service; say which of its resources");
    }
    return Optional.of(checked(new Around(mention, kind), said));
  }

  /** The first thing that is named there, after no more than what is said of it. */
  private static Optional<Mention> mention(Question question, int from) {
    for (int at = from; at <= from + APART; at++) {
      Optional<Mention> found = question.mention(at);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  /** "In my account", "in the prod environment". */
  private static boolean isPlace(Question question, Mention mention, int from) {
    boolean one = mention.end() == mention.start() + 1;
    boolean place =
        one
            && question.is(
                mention.start(),
                "account",
                "accounts",
                "region",
                "regions",
                "organization",
                "organisation");
    boolean tag =
        one
            && mention.start() > from
            && question.is(mention.start(), "environment", "environments");
    return place || tag;
  }

  private static boolean isService(Question question, Mention mention) {
    return mention.service()
        || (!question.service(mention.start(), mention.end()).isEmpty()
            && !question.is(mention.start() - 1, "the", "my", "our", "a", "an", "any")
            && !question.lower(mention.end()).matches(".*[-\\d].*"));
  }

  private static Around checked(Around around, String said) throws NotUnderstood {
    List<String> types = around.mention.types().stream().map(ResourceType::key).toList();
    if (around.kind == Kind.IN && types.stream().noneMatch(CONTAINERS::contains)) {
      throw new NotUnderstood(
          said, "what it contains is not in the inventory; say \"what uses\" for what names it");
    }
    if (around.kind == Kind.BEHIND && !BALANCERS.containsAll(types)) {
      throw new NotUnderstood(said, "what is behind is known of load balancers and target groups");
    }
    return around;
  }

  /** What can be around it: everything, but behind a load balancer only what it forwards to. */
  Subject subject(Question question) {
    if (kind != Kind.BEHIND) {
      return Subject.EVERYTHING;
    }
    return Subject.of(
        List.of("instance", "function", "ecs service").stream()
            .flatMap(target -> question.types(target).stream())
            .toList());
  }

  /** Whether it names what is said, and that does not name it. */
  boolean isOneWay() {
    return kind == Kind.IN || kind == Kind.USES;
  }

  /** What names it and does not use it. */
  Optional<String> noUser() {
    return kind == Kind.USES && mention.types().size() == 1
        ? Optional.ofNullable(NO_USER.get(mention.types().getFirst().key()))
        : Optional.empty();
  }

  /** Whether it is what is named at a word. */
  boolean isAt(Mention other) {
    return kind != Kind.PLACE && other.start() == mention.start();
  }
}
