package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which types can be related: by parents, by a member that names the other, or as was seen. */
final class Links {
  /** Links by name and not by ARN or id: a type's member that holds the other's id. */
  private static final Map<String, String> BY_NAME =
      Map.ofEntries(
          Map.entry("rds:db-snapshot rds:db-instance", "DBInstanceIdentifier"),
          Map.entry("rds:db-instance rds:db-cluster", "DBClusterIdentifier"),
          Map.entry("lambda:function logs:log-group", "LoggingConfig.LogGroup"),
          Map.entry("eks:nodegroup eks:cluster", "clusterName"),
          Map.entry("cloudtrail:trail s3:bucket", "S3BucketName"),
          Map.entry("glue:table glue:database", "DatabaseName"),
          Map.entry("ec2:instance ec2:key-pair", "KeyName"),
          Map.entry(
              "ec2:launch-template ec2:key-pair",
              "LaunchTemplateVersions[].LaunchTemplateData.KeyName"),
          Map.entry("autoscaling:launch-configuration ec2:key-pair", "KeyName"),
          Map.entry("iam:user iam:group", "GroupList[]"),
          Map.entry("ec2:flow-log logs:log-group", "LogGroupName"),
          Map.entry("kms:alias kms:key", "TargetKeyId"));

  /** Links by ids in members whose names do not say of what. */
  private static final Set<String> BY_ID =
      Set.of(
          "ec2:flow-log vpc:vpc",
          "ec2:flow-log vpc:subnet",
          "ec2:flow-log ec2:network-interface",
          "ec2:volume ec2:instance",
          "ec2:instance ec2:volume",
          "ec2:security-group-rule ec2:security-group",
          "lambda:function iam:role",
          "ecs:task-definition iam:role",
          "codebuild:project iam:role",
          "iam:user iam:policy",
          "iam:role iam:policy",
          "iam:group iam:policy",
          "ecs:service elbv2:target-group",
          "elbv2:target-group ec2:instance",
          "ec2:snapshot ec2:volume",
          "ec2:ami ec2:snapshot");

  private static final String GROUP = "target group";

  /** Related only by way of a third, and which: a mere look at one hop would miss them. */
  private static final Map<String, String> INDIRECT =
      Map.of(
          "ec2:instance elbv2:application-load-balancer", GROUP,
          "ec2:instance elbv2:network-load-balancer", GROUP,
          "ec2:instance elbv2:gateway-load-balancer", GROUP,
          "ecs:service elbv2:application-load-balancer", GROUP,
          "ecs:service elbv2:network-load-balancer", GROUP,
          "lambda:function elbv2:application-load-balancer", GROUP,
          "acm:certificate elbv2:application-load-balancer", "listener",
          "acm:certificate elbv2:network-load-balancer", "listener");

  private Links() {}

  /** The member of a type by which it names resources of another. */
  static Optional<String> member(ResourceType from, ResourceType to) {
    return Optional.ofNullable(BY_NAME.get(from.key() + " " + to.key()));
  }

  /** The types that name resources of a type so, and by which member. */
  static Map<String, String> namers(ResourceType of) {
    String end = " " + of.key();
    return BY_NAME.entrySet().stream()
        .filter(link -> link.getKey().endsWith(end))
        .collect(
            Collectors.toMap(
                link -> link.getKey().substring(0, link.getKey().indexOf(' ')),
                Map.Entry::getValue,
                (one, other) -> one,
                TreeMap::new));
  }

  /** The types whose resources a type names so, and by which member. */
  static Map<String, String> named(ResourceType by) {
    String start = by.key() + " ";
    return BY_NAME.entrySet().stream()
        .filter(link -> link.getKey().startsWith(start))
        .collect(
            Collectors.toMap(
                link -> link.getKey().substring(start.length()),
                Map.Entry::getValue,
                (one, other) -> one,
                TreeMap::new));
  }

  /** Whether one is the other's parent. */
  static boolean family(ResourceType one, ResourceType other) {
    return one.service().equals(other.service())
        && (other.parents().contains(one.name()) || one.parents().contains(other.name()));
  }

  /** By way of what some of them are related, as questions call it. */
  static Optional<String> way(List<ResourceType> mine, List<ResourceType> others) {
    return mine.stream()
        .flatMap(
            one ->
                others.stream()
                    .flatMap(
                        its -> Stream.of(one.key() + " " + its.key(), its.key() + " " + one.key())))
        .filter(INDIRECT::containsKey)
        .map(INDIRECT::get)
        .findFirst();
  }

  /** Whether anything of what is asked for can be related to anything of the other. */
  static boolean exist(Reading reading, Subject other) {
    List<ResourceType> mine = reading.types();
    if (!mine.isEmpty() && mine.containsAll(other.types())) {
      return false; // of its own kind: two questions in one
    }
    return way(mine, other.types()).isPresent()
        || mine.isEmpty()
        || mine.stream()
            .anyMatch(
                one ->
                    other.types().stream()
                        .anyMatch(its -> stated(reading, one, its) || stated(reading, its, one)))
        || mine.stream()
            .anyMatch(
                one ->
                    other.types().stream()
                        .anyMatch(
                            its ->
                                reading.known.areRelated(one, its)
                                    || reading.known.areRelated(its, one)));
  }

  private static boolean stated(Reading reading, ResourceType from, ResourceType to) {
    String key = from.key() + " " + to.key();
    return family(from, to)
        || BY_NAME.containsKey(key)
        || BY_ID.contains(key)
        || Vocabulary.bareNames(to).stream().anyMatch(name -> names(reading, from, name));
  }

  /** Whether a type has a member for the id, the name or the ARN of what is called so. */
  private static boolean names(Reading reading, ResourceType from, String name) {
    return reading.question.fields(List.of(from), name).values().stream()
        .anyMatch(
            field ->
                field
                    .path()
                    .text()
                    .matches("(?i).*(id|arn|ids|arns|name|names|identifier)(\\[])?"));
  }
}
