package dev.freeway.controlplane.collect;

import java.util.Map;

/**
 * What AWS publishes on how many requests it takes, by the SDK's module: a second, and at once. Of
 * services that publish nothing, what their neighbours take.
 */
final class Limits {
  /** Requests a second, and how many at once. */
  record Limit(double rate, double burst) {}

  private static final Limit OTHERS = new Limit(25, 50);

  /** Sources: each service's "quotas" or "throttling" page. */
  private static final Map<String, Limit> KNOWN =
      Map.ofEntries(
          Map.entry("ec2", new Limit(20, 100)),
          Map.entry("elasticloadbalancingv2", new Limit(10, 40)),
          Map.entry("elasticloadbalancing", new Limit(10, 40)),
          Map.entry("autoscaling", new Limit(20, 100)),
          Map.entry("s3", new Limit(100, 200)),
          Map.entry("sqs", new Limit(100, 200)),
          Map.entry("kms", new Limit(100, 100)),
          Map.entry("lambda", new Limit(15, 30)),
          Map.entry("iam", new Limit(20, 60)),
          Map.entry("route53", new Limit(5, 5)),
          Map.entry("apigateway", new Limit(10, 40)),
          Map.entry("cloudformation", new Limit(10, 20)),
          Map.entry("dynamodb", new Limit(50, 100)),
          Map.entry("ecs", new Limit(20, 50)),
          Map.entry("eks", new Limit(20, 50)),
          Map.entry("secretsmanager", new Limit(50, 50)),
          Map.entry("ssm", new Limit(20, 40)),
          Map.entry("sns", new Limit(30, 100)),
          Map.entry("cloudwatchlogs", new Limit(10, 20)),
          Map.entry("cloudwatch", new Limit(20, 50)),
          Map.entry("organizations", new Limit(5, 20)),
          Map.entry("resourcegroupstaggingapi", new Limit(10, 15)),
          Map.entry("kinesis", new Limit(5, 10)),
          Map.entry("cloudfront", new Limit(20, 40)));

  private Limits() {}

  static Limit of(String module) {
    return KNOWN.getOrDefault(module, OTHERS);
  }
}
