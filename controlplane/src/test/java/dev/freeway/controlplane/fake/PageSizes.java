package dev.freeway.controlplane.fake;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/**
 * How many items AWS puts into one answer at most, whatever the caller asks for. Source: each
 * operation's page in AWS's API references.
 */
final class PageSizes {
  private static final int OTHERS = 100;

  private static final Map<String, Integer> SERVICES =
      Map.ofEntries(
          Map.entry("ec2", 1000),
          Map.entry("elasticloadbalancingv2", 400),
          Map.entry("elasticloadbalancing", 400),
          Map.entry("rds", 100),
          Map.entry("iam", 1000),
          Map.entry("route53", 100),
          Map.entry("lambda", 50),
          Map.entry("sqs", 1000),
          Map.entry("s3", 10000),
          Map.entry("kms", 1000),
          Map.entry("ssm", 50),
          Map.entry("cloudwatchlogs", 50),
          Map.entry("sns", 100),
          Map.entry("ecs", 100),
          Map.entry("cloudfront", 100),
          Map.entry("apigateway", 500),
          Map.entry("acm", 1000),
          Map.entry("athena", 50),
          Map.entry("organizations", 20),
          Map.entry("backup", 1000),
          Map.entry("cloudformation", 100));

  private static final Map<String, Integer> OPERATIONS =
      Map.ofEntries(
          Map.entry("route53:ListResourceRecordSets", 300),
          Map.entry("ecr:DescribeRepositories", 1000),
          Map.entry("ecr:DescribeImages", 1000),
          Map.entry("cloudwatch:DescribeAlarms", 100),
          Map.entry("ssm:DescribeParameters", 50),
          Map.entry("cloudwatchlogs:DescribeLogGroups", 50),
          Map.entry("resourcegroupstaggingapi:GetResources", 100));

  private static final Set<String> MEMBERS =
      Set.of(
          "maxresults",
          "maxitems",
          "maxrecords",
          "maxbuckets",
          "maxkeys",
          "limit",
          "pagesize",
          "size",
          "resourcesperpage",
          "maxresultcount");

  private final Map<String, Integer> own = new ConcurrentHashMap<>();

  void set(String name, int size) {
    own.put(name, size);
  }

  int of(Asked asked) {
    int most =
        own.getOrDefault(
            asked.name(),
            OPERATIONS.getOrDefault(
                asked.name(), SERVICES.getOrDefault(asked.model().module(), OTHERS)));
    for (Map.Entry<String, JsonNode> member : asked.input().properties()) {
      if (MEMBERS.contains(member.getKey().toLowerCase(Locale.ROOT))) {
        int wanted = member.getValue().asInt(most);
        return wanted < 1 ? most : Math.min(most, wanted);
      }
    }
    return most;
  }
}
