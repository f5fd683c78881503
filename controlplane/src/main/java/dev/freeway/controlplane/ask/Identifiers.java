package dev.freeway.controlplane.ask;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What an id or an ARN is one of, for questions that do not say it: "instances in vpc-1", "what
 * uses sg-1".
 */
final class Identifiers {
  private static final Pattern ID = Pattern.compile("([a-z]+)-[0-9a-f]{8}(?:[0-9a-f]{9})?");
  private static final Pattern ARN =
      Pattern.compile("arn:aws[a-z-]*:([a-z0-9-]+):[^:]*:[^:]*:([a-z]+)?.*");

  /** {@code us-east-1a}, and no region: it has a letter. */
  private static final Pattern ZONE = Pattern.compile("[a-z]{2}(?:-[a-z]+){1,2}-\\d[a-z]");

  private static final Map<String, String> PREFIXES =
      Map.ofEntries(
          Map.entry("acl", "network acl"),
          Map.entry("ami", "ami"),
          Map.entry("eipalloc", "elastic ip"),
          Map.entry("eni", "network interface"),
          Map.entry("fs", "efs file system"),
          Map.entry("i", "instance"),
          Map.entry("igw", "internet gateway"),
          Map.entry("lt", "launch template"),
          Map.entry("nat", "nat gateway"),
          Map.entry("pcx", "vpc peering"),
          Map.entry("rtb", "route table"),
          Map.entry("sg", "security group"),
          Map.entry("snap", "snapshot"),
          Map.entry("subnet", "subnet"),
          Map.entry("tgw", "transit gateway"),
          Map.entry("vgw", "vpn gateway"),
          Map.entry("vol", "volume"),
          Map.entry("vpc", "vpc"),
          Map.entry("vpce", "vpc endpoint"));

  private static final Map<String, String> SERVICES =
      Map.ofEntries(
          Map.entry("acm certificate", "certificate"),
          Map.entry("elasticloadbalancing loadbalancer", "load balancer"),
          Map.entry("elasticloadbalancing targetgroup", "target group"),
          Map.entry("iam policy", "policy"),
          Map.entry("iam role", "role"),
          Map.entry("kms key", "kms key"),
          Map.entry("lambda function", "function"),
          Map.entry("s3", "bucket"),
          Map.entry("secretsmanager secret", "secret"),
          Map.entry("sns", "topic"),
          Map.entry("sqs", "queue"));

  /** Words after which something stands that what is asked for is in, of, with or without. */
  static final String[] BEFORE = {
    "in",
    "on",
    "to",
    "with",
    "without",
    "by",
    "for",
    "of",
    "inside",
    "within",
    "from",
    "behind",
    "under",
    "through",
    "use",
    "uses",
    "using",
    "reference",
    "references",
    "referencing"
  };

  private Identifiers() {}

  /** Says before each id what it is, unless it is said or the id is what is asked for. */
  static void named(List<Token> tokens) {
    for (int i = tokens.size() - 1; i > 1; i--) {
      Optional<String> type =
          tokens.get(i).quoted() ? Optional.empty() : type(tokens.get(i).lower());
      if (type.isPresent()
          && (tokens.get(i - 1).is(BEFORE) || isAskedOf(tokens, i) || isOneMore(tokens, i, type))
          && !isSaid(tokens.get(i - 2), type.get())) {
        tokens.addAll(i, Stream.of(type.get().split(" ", -1)).map(Token::word).toList());
      }
    }
  }

  /** "In vpc-1 or vpc-2". */
  private static boolean isOneMore(List<Token> tokens, int id, Optional<String> type) {
    return tokens.get(id - 1).is("or") && type(tokens.get(id - 2).lower()).equals(type);
  }

  /** "Which VPC is i-1 in", "in which VPC is i-1". */
  private static boolean isAskedOf(List<Token> tokens, int id) {
    boolean last = id == tokens.size() - 1;
    return id > 2
        && tokens.get(id - 1).is("is", "are", "does", "do")
        && (tokens.getFirst().is("in", "to") || (!last && tokens.getFirst().is("which", "what")));
  }

  /** What something with such an id or ARN is called. */
  static Optional<String> type(String text) {
    if (ZONE.matcher(text).matches()) {
      return Optional.of("availability zone");
    }
    Matcher id = ID.matcher(text);
    if (id.matches()) {
      return Optional.ofNullable(PREFIXES.get(id.group(1)));
    }
    Matcher arn = ARN.matcher(text);
    if (!arn.matches()) {
      return Optional.empty();
    }
    return Optional.ofNullable(SERVICES.get(arn.group(1) + " " + arn.group(2)))
        .or(() -> Optional.ofNullable(SERVICES.get(arn.group(1))));
  }

  /** "Instances with i-1": it is what is asked for. */
  private static boolean isSaid(Token before, String type) {
    String last = type.substring(type.lastIndexOf(' ') + 1);
    return before.stems().equals(Stems.words(last));
  }
}
