package dev.freeway.controlplane.collect;

import java.util.Map;

/**
 * What AWS publishes on how many requests it takes from an account in a region, by the SDK's module
 * and the operation. Each has its source, a page of docs.aws.amazon.com that was read for it; of
 * services that publish nothing, and of those marked so, it is a guess that {@link Pace} corrects.
 * Where AWS publishes a rate alone, that is what may be sent at once, too.
 */
final class Limits {
  /**
   * A bucket.
   *
   * @param rate requests a second
   * @param burst how many at once
   * @param each whether every operation has one of its own; else they share it
   */
  record Limit(double rate, double burst, boolean each) {}

  private static final Limit OTHERS = shared(25, 50);

  private static final Map<String, Limit> SERVICES =
      Map.ofEntries(
          // ec2/latest/devguide/ec2-api-throttling.html: "each API is evaluated individually";
          // non-mutating actions, a bucket of 100 that gets 20 a second.
          Map.entry("ec2", each(20, 100)),
          // elasticloadbalancing/latest/userguide/elb-api-throttling.html: Describe*, a bucket of
          // 40
          // that gets 10 a second; each API version has its own.
          Map.entry("elasticloadbalancingv2", shared(10, 40)),
          Map.entry("elasticloadbalancing", shared(10, 40)),
          // Route53/latest/DeveloperGuide/throttling-api-requests.html: all operations together, a
          // bucket of 50 that gets 10 a second. Until 2026 it was 5 a second.
          Map.entry("route53", shared(10, 50)),
          // apigateway/latest/developerguide/limits.html: total operations, 10 a second, burst 40;
          // REST and HTTP APIs are one service.
          Map.entry("apigateway", shared(10, 40)),
          Map.entry("apigatewayv2", shared(10, 40)),
          // AmazonECS/latest/APIReference/request-throttling.html: read actions, buckets of 50 and
          // 100 that get 20 a second, each shared by a list and its describe: so half of it.
          Map.entry("ecs", each(10, 25)),
          // lambda/latest/dg/gettingstarted-limits.html: 15 a second across all control plane APIs.
          Map.entry("lambda", shared(15, 15)),
          // kms/latest/developerguide/requests-per-second.html: the least of those that a scan
          // calls, ListGrants, ListKeyPolicies: 100 a second; each operation by itself.
          Map.entry("kms", each(100, 100)),
          // organizations/latest/userguide/orgs_reference_limits.html: ListPolicies,
          // ListTargetsForPolicy, ListParents: 5 a second, burst 8; others below.
          Map.entry("organizations", each(5, 8)),
          // AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html: DescribeAlarms 9 a second,
          // GetDashboard, ListDashboards, DescribeAnomalyDetectors 10.
          Map.entry("cloudwatch", each(9, 9)),
          // AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html: DescribeLogGroups 10 a second.
          Map.entry("cloudwatchlogs", each(10, 10)),
          // kinesis/latest/APIReference/API_ListStreams.html: 5 a second.
          Map.entry("kinesis", each(5, 5)),
          // accounts/latest/reference/quotas.html: ListRegions 5 a second, GetContactInformation
          // 10.
          Map.entry("account", each(5, 5)),
          // servicequotas/latest/userguide/reference_limits.html:
          // ListRequestedServiceQuotaChangeHistory, 5 a second and 5 more at once.
          Map.entry("servicequotas", each(5, 10)),
          // No page says any for these: IAM, STS, S3's and SQS' control planes, CloudFormation,
          // SSM,
          // RDS, EKS, Secrets Manager, SNS, DynamoDB, CloudFront, Auto Scaling and the tagging API
          // throttle, and AWS says only that they do. Guesses, lower where people report
          // throttling.
          Map.entry("iam", shared(20, 60)),
          Map.entry("s3", shared(100, 200)),
          Map.entry("sqs", shared(100, 200)),
          Map.entry("cloudformation", shared(10, 20)),
          Map.entry("ssm", shared(20, 40)),
          Map.entry("eks", shared(20, 50)),
          Map.entry("secretsmanager", shared(50, 50)),
          Map.entry("sns", shared(30, 100)),
          Map.entry("dynamodb", shared(50, 100)),
          Map.entry("cloudfront", shared(20, 40)),
          Map.entry("autoscaling", shared(20, 100)),
          Map.entry("resourcegroupstaggingapi", shared(10, 15)));

  /** Operations that differ from their service's; each has a bucket of its own. */
  private static final Map<String, Limit> OPERATIONS =
      Map.ofEntries(
          // lambda/latest/dg/gettingstarted-limits.html
          Map.entry("lambda:GetFunction", each(100, 100)),
          Map.entry("lambda:GetPolicy", each(15, 15)),
          // apigateway/latest/developerguide/limits.html: GetResources, 5 in 2 seconds.
          Map.entry("apigateway:GetResources", each(2.5, 5)),
          // kms/latest/developerguide/requests-per-second.html
          Map.entry("kms:ListKeys", each(500, 500)),
          Map.entry("kms:ListAliases", each(500, 500)),
          Map.entry("kms:DescribeKey", each(1000, 1000)),
          Map.entry("kms:GetKeyPolicy", each(1000, 1000)),
          Map.entry("kms:GetKeyRotationStatus", each(1000, 1000)),
          Map.entry("kms:ListResourceTags", each(2000, 2000)),
          Map.entry("kms:DescribeCustomKeyStores", each(5, 5)),
          // organizations/latest/userguide/orgs_reference_limits.html
          Map.entry("organizations:ListAccounts", each(8, 12)),
          Map.entry("organizations:ListChildren", each(6, 10)),
          Map.entry("organizations:ListTagsForResource", each(10, 15)),
          Map.entry("organizations:DescribeAccount", each(20, 30)),
          Map.entry("organizations:DescribePolicy", each(2, 2)),
          Map.entry("organizations:DescribeOrganizationalUnit", each(2, 2)),
          Map.entry("organizations:DescribeOrganization", each(1, 2)),
          Map.entry("organizations:ListRoots", each(1, 2)),
          Map.entry("organizations:ListAWSServiceAccessForOrganization", each(1, 3)),
          Map.entry("organizations:ListDelegatedServicesForAccount", each(1, 3)),
          // AmazonECS/latest/APIReference/request-throttling.html: nothing else shares these.
          Map.entry("ecs:ListTagsForResource", each(20, 50)),
          Map.entry("ecs:DescribeCapacityProviders", each(20, 50)));

  private Limits() {}

  private static Limit shared(double rate, double burst) {
    return new Limit(rate, burst, false);
  }

  private static Limit each(double rate, double burst) {
    return new Limit(rate, burst, true);
  }

  /**
   * The limit of an operation.
   *
   * @param operation as AWS names it
   */
  static Limit of(String module, String operation) {
    Limit own = OPERATIONS.get(module + ":" + operation);
    return own != null ? own : SERVICES.getOrDefault(module, OTHERS);
  }

  /** What tells a bucket from others of a region: the service, and the operation with its own. */
  static String bucket(String module, String operation) {
    return of(module, operation).each() ? module + ":" + operation : module;
  }
}
