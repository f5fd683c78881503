package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.fake.Estate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * What scans ask for each resource: a call that comes back, and one that is lost, both change these
 * tables. Of the services of which accounts have most.
 */
class CallsTest {
  private static final int ITEMS = 7;

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sqs            | GetQueueAttributes
          sns            | GetTopicAttributes
          dynamodb       | DescribeContinuousBackups DescribeTable
          kms            | DescribeKey
          secretsmanager | ''
          logs           | ''
          lambda         | ''
          s3             | GetAccessPoint GetAccessPointPolicy GetBucketAcl GetBucketEncryption GetBucketLifecycleConfiguration GetBucketLogging GetBucketPolicy GetBucketVersioning GetPublicAccessBlock GetTableBucketEncryption ListNamespaces ListTables
          ecr            | GetLifecyclePolicy ListImages
          ec2            | DescribeLaunchTemplateVersions GetManagedPrefixListEntries
          """)
  void eachResourceIsAskedForWhatIsNeeded(String label, String operations)
      throws InterruptedException {
    CatalogService service = Rehearsal.service(label);
    rehearsal.aws().fill(ITEMS);
    rehearsal.scan(service);
    Map<String, Long> asked = new TreeMap<>(rehearsal.aws().byOperation());
    TreeSet<String> often = new TreeSet<>();
    asked.forEach(
        (name, calls) -> {
          if (calls >= ITEMS && !name.contains("Tag")) {
            often.add(name.substring(name.indexOf(':') + 1));
          }
        });
    assertThat(String.join(" ", often)).as(asked.toString()).isEqualTo(operations);
  }

  @Test
  void whenUsersLoggedInIsAskedOnceForAll() throws InterruptedException {
    rehearsal
        .aws()
        .estate()
        .items(
            Estate.ANY,
            "iam:GetAccountAuthorizationDetails",
            "UserDetailList[]",
            List.of(user("ann", ""), user("bob", "")))
        .items(
            Estate.ANY,
            "iam:ListUsers",
            "Users[]",
            List.of(user("bob", ",'PasswordLastUsed':'2026-01-02T03:04:05Z'"), user("ann", "")));
    Recorder recorder = rehearsal.scan(Rehearsal.service("iam"));
    assertThat(rehearsal.aws().requests("iam:ListUsers")).isEqualTo(1);
    assertThat(recorder.document("AIDAbob").path("PasswordLastUsed").asString())
        .startsWith("2026-01-02T03:04:05");
    assertThat(recorder.document("AIDAann").has("PasswordLastUsed")).isFalse();
  }

  private static ObjectNode user(String name, String more) {
    return Rehearsal.json("{'UserName':'%s','UserId':'AIDA%s'%s}".formatted(name, name, more));
  }

  @Test
  void whatIsLeftOutIsThis() {
    Stream<String> details =
        Catalog.builtIn().types().stream()
            .flatMap(
                type ->
                    type.details().stream()
                        .filter(detail -> detail.extra())
                        .map(detail -> type.key() + " " + detail.operation()));
    Stream<String> lists =
        Catalog.builtIn().types().stream()
            .filter(type -> type.extra())
            .map(type -> type.key() + " " + type.operation());
    assertThat(Stream.concat(details, lists).distinct().sorted())
        .containsExactly(
            "backup:vault GetBackupVaultAccessPolicy",
            "budgets:budget DescribeNotificationsForBudget",
            "cognito:identity-pool GetIdentityPoolRoles",
            "cognito:user-pool-client DescribeUserPoolClient",
            "dynamodb:table DescribeTimeToLive",
            "ecr:repository GetRepositoryPolicy",
            "efs:file-system DescribeFileSystemPolicy",
            "elb:classic-load-balancer DescribeLoadBalancerPolicies",
            "elbv2:listener DescribeListenerAttributes",
            "elbv2:target-group DescribeTargetGroupAttributes",
            "emr:cluster ListInstanceFleets",
            "emr:cluster ListInstanceGroups",
            "glacier:vault GetVaultAccessPolicy",
            "iot:policy GetPolicy",
            "iot:thing-group DescribeThingGroup",
            "kms:key GetKeyPolicy",
            "logs:subscription-filter DescribeSubscriptionFilters",
            "mediastore:container GetContainerPolicy",
            "organizations:ai-services-opt-out-policy DescribePolicy",
            "organizations:ai-services-opt-out-policy ListTargetsForPolicy",
            "organizations:backup-policy DescribePolicy",
            "organizations:backup-policy ListTargetsForPolicy",
            "organizations:declarative-policy DescribePolicy",
            "organizations:declarative-policy ListTargetsForPolicy",
            "organizations:delegated-administrator ListDelegatedServicesForAccount",
            "organizations:policy DescribePolicy",
            "organizations:policy ListTargetsForPolicy",
            "organizations:resource-control-policy DescribePolicy",
            "organizations:resource-control-policy ListTargetsForPolicy",
            "organizations:tag-policy DescribePolicy",
            "organizations:tag-policy ListTargetsForPolicy",
            "route53resolver:firewall-rule-group ListFirewallRules",
            "s3:bucket GetBucketNotificationConfiguration",
            "secretsmanager:secret GetResourcePolicy",
            "ssm:maintenance-window DescribeMaintenanceWindowTargets",
            "ssm:maintenance-window DescribeMaintenanceWindowTasks",
            "ssm:patch-baseline GetPatchBaseline",
            "swf:deprecated-domain DescribeDomain",
            "swf:domain DescribeDomain",
            "vpc-lattice:target-group ListTargets",
            "wafv2:web-acl-cloudfront GetLoggingConfiguration",
            "wafv2:web-acl-regional GetLoggingConfiguration",
            "wafv2:web-acl-regional ListResourcesForWebAcl");
  }
}
