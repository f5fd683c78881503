package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Values that say themselves which member they are of: {@code t3.micro}, {@code gp2}, {@code
 * python3.8}.
 */
final class Values {
  private record Rule(Pattern value, String phrase, Condition.Match match) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule(
              Pattern.compile(
                  "(python|nodejs|java|go|ruby|dotnet|dotnetcore|provided|rust)(\\d[\\w.]*|\\.al2\\d*)?|go1\\.x"),
              "runtime",
              Condition.Match.STARTS),
          new Rule(Pattern.compile("db\\.[a-z0-9]+\\.\\w+"), "instance class", Condition.Match.IS),
          new Rule(
              Pattern.compile("cache\\.[a-z0-9]+\\.\\w+"), "cache node type", Condition.Match.IS),
          new Rule(
              Pattern.compile(
                  "[a-z]{1,2}\\d[a-z0-9-]*\\.(nano|micro|small|medium|large|\\d*xlarge|metal[\\w-]*)"),
              "instance type",
              Condition.Match.IS),
          new Rule(
              Pattern.compile("(?:[acdfghimprtxz]|im|is|dl|vt|inf|trn|mac|hpc)\\d[a-z]{0,3}"),
              "instance type",
              Condition.Match.STARTS),
          new Rule(
              Pattern.compile("gp2|gp3|io1|io2|st1|sc1|magnetic"),
              "volume type",
              Condition.Match.IS),
          new Rule(Pattern.compile("gp2|gp3|io1|io2"), "storage type", Condition.Match.IS),
          new Rule(
              Pattern.compile(
                  "postgres|postgresql|mysql|mariadb|aurora|oracle|sqlserver|aurora-mysql|aurora-postgresql|redis|memcached|valkey"),
              "engine",
              Condition.Match.STARTS),
          new Rule(Pattern.compile("arm64|x86_64"), "architecture", Condition.Match.IS),
          new Rule(Pattern.compile("fargate|external"), "launch type", Condition.Match.IS),
          new Rule(
              Pattern.compile("pay_per_request|provisioned"), "billing mode", Condition.Match.IS),
          new Rule(Pattern.compile("securestring|stringlist"), "type", Condition.Match.IS),
          new Rule(
              Pattern.compile("cname|txt|mx|aaaa|ns|soa|srv"), "record type", Condition.Match.IS),
          new Rule(Pattern.compile("http|https|tcp|udp|tls"), "protocol", Condition.Match.IS));

  private static final Pattern STATE =
      Pattern.compile(
          "running|stopped|terminated|pending|available|active|inactive|failed|creating|deleting|deleted|completed|complete|error|issued|deployed|paused|in-use|ok|stopping|updating|degraded|expired|revoked");

  /** Of other services nothing runs or stops. */
  private static final Set<String> RUNNING =
      Set.of(
          "emr",
          "emr-serverless",
          "sagemaker",
          "workspaces",
          "mq",
          "apprunner",
          "synthetics",
          "dms",
          "ecs",
          "batch",
          "gamelift",
          "lightsail");

  private Values() {}

  /** Whether a word is how something may stand, and no other word. */
  static boolean isState(Token token) {
    return token.text().matches("[A-Z_]{4,}|.*[a-z][A-Z].*")
        || token.lower().matches("enabled|disabled|suspended|on|off")
        || STATE.matcher(token.lower()).matches();
  }

  private static boolean canBe(ResourceType type, String state) {
    return switch (state) {
      case "running", "stopped", "stopping", "terminated" ->
          type.key().equals("ec2:instance") || RUNNING.contains(type.service());
      case "active", "inactive" ->
          !Set.of("kms", "ec2", "vpc", "rds", "acm", "s3").contains(type.service())
              || type.key().equals("ec2:flow-log");
      default -> true;
    };
  }

  /** The condition that a word alone is, of the types that have such a member. */
  static Optional<Condition> of(Token token, List<ResourceType> types, Fields fields) {
    String value = token.lower();
    for (Rule rule : RULES) {
      if (!rule.value().matcher(value).matches()) {
        continue;
      }
      Map<ResourceType, Field> found = new LinkedHashMap<>();
      String phrase = Stems.phrase(rule.phrase());
      for (ResourceType type : types) {
        fields.of(type, phrase).ifPresent(field -> found.put(type, field));
      }
      if (!found.isEmpty()) {
        String said = value.equals("postgresql") ? "postgres" : value;
        boolean family =
            rule.phrase().equals("instance type") && rule.match() == Condition.Match.STARTS;
        return Optional.of(
            new Condition.Of(
                found,
                Expression.Operator.EQUAL,
                Optional.of(rule.match()),
                List.of(family ? said + "." : said),
                said));
      }
    }
    boolean constant = token.text().matches("[A-Z]{2,}(_[A-Z]+)+|[A-Z]{4,}");
    if (constant || STATE.matcher(value.toLowerCase(Locale.ROOT)).matches()) {
      Map<ResourceType, Field> found = new LinkedHashMap<>();
      for (ResourceType type : types) {
        if (!constant && !canBe(type, value)) {
          continue;
        }
        fields.state(type).ifPresent(field -> found.put(type, field));
      }
      if (!found.isEmpty()) {
        return Optional.of(
            new Condition.Of(
                found,
                Expression.Operator.EQUAL,
                Optional.of(Condition.Match.IS),
                List.of(value),
                ""));
      }
    }
    return Optional.empty();
  }
}
