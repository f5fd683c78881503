package dev.freeway.controlplane.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoredResource;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the demo estate's documents name is there to be found. */
class DemoRelationsTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What names nothing that an inventory has: bonds between two things, versions, the deleted. */
  private static final Set<String> NOWHERE =
      Set.of(
          "vpc:route-table Associations[].RouteTableAssociationId",
          "vpc:network-acl Associations[].NetworkAclAssociationId",
          "vpc:vpc CidrBlockAssociationSet[].AssociationId",
          "ec2:elastic-ip AssociationId",
          "efs:file-system MountTargets[].MountTargetId",
          "lambda:function Layers[].Arn",
          "ec2:snapshot VolumeId");

  @TempDir private static Path directory;
  private static List<Resource> resources = List.of();
  private static List<Relation> relations = List.of();
  private static final Map<String, String> ARNS = new HashMap<>();
  private static final Set<String> THERE = new HashSet<>();

  @BeforeAll
  static void write() {
    StoreAddress address = new StoreAddress.Sqlite(directory.resolve("demo.db"));
    DemoEstate.write(address, DemoEstate.Size.USUAL, NOW);
    Store store = Store.existing(address);
    try (Stream<StoredResource> all = store.resources(ResourceFilter.CURRENT)) {
      resources = all.map(StoredResource::resource).toList();
    }
    try (Stream<Relation> all = store.relations()) {
      relations = all.toList();
    }
    for (Resource each : resources) {
      ARNS.put(each.scope() + " " + each.id(), each.arn());
      THERE.add(each.id());
      if (!each.arn().isEmpty()) {
        THERE.add(each.arn());
      }
    }
  }

  private static boolean isOfOurs(Relation relation) {
    String[] arn = relation.target().split(":", 6);
    return arn.length < 6
        || !arn[0].equals("arn")
        || arn[4].isEmpty()
        || DemoEstate.ACCOUNTS.contains(arn[4]);
  }

  /** A bucket's objects in its own policy, a log group's streams. */
  private static boolean isPartOfItself(Relation relation) {
    String own = ARNS.getOrDefault(relation.scope() + " " + relation.from(), "");
    return !own.isEmpty()
        && (relation.target().startsWith(own + "/") || relation.target().startsWith(own + ":"));
  }

  private static String where(Relation relation) {
    return relation.scope().service() + ":" + relation.scope().type() + " " + relation.path();
  }

  @Test
  void whatIsNamedOfItsOwnAccountsIsThere() {
    List<Relation> named =
        relations.stream()
            .filter(DemoRelationsTest::isOfOurs)
            .filter(relation -> !isPartOfItself(relation))
            .toList();
    List<Relation> nowhere =
        named.stream().filter(relation -> !THERE.contains(relation.target())).toList();
    assertThat(named).hasSizeGreaterThan(10_000);
    assertThat(nowhere.stream().map(DemoRelationsTest::where).toList())
        .as("members that name nothing")
        .isSubsetOf(NOWHERE);
    assertThat(100.0 * nowhere.size() / named.size()).as("% that lead nowhere").isLessThan(5);
  }

  @Test
  void everyListedMemberStillNamesNothing() {
    Set<String> nowhere = new TreeSet<>();
    relations.stream()
        .filter(relation -> !THERE.contains(relation.target()))
        .forEach(relation -> nowhere.add(where(relation)));
    assertThat(nowhere).containsAll(NOWHERE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ec2:instance        | KeyName                            | ec2:key-pair
          ec2:flow-log        | LogGroupName                       | logs:log-group
          lambda:function     | LoggingConfig.LogGroup             | logs:log-group
          cloudtrail:trail    | S3BucketName                       | s3:bucket
          s3:bucket           | Logging.TargetBucket               | s3:bucket
          eks:nodegroup       | clusterName                        | eks:cluster
          rds:db-snapshot     | DBInstanceIdentifier               | rds:db-instance
          rds:db-instance     | DBClusterIdentifier                | rds:db-cluster
          rds:db-instance     | DBSubnetGroup.DBSubnetGroupName    | rds:db-subnet-group
          glue:table          | DatabaseName                       | glue:database
          iam:user            | GroupList[]                        | iam:group
          iam:access-key      | UserName                           | iam:user
          kms:alias           | TargetKeyId                        | kms:key
          backup:plan         | BackupPlan.Rules[].TargetBackupVaultName | backup:vault
          """)
  void whatIsNamedByItsNameIsThereInTheSameAccountAndRegion(String from, String path, String to) {
    Set<String> names = new HashSet<>();
    for (Resource each : of(to)) {
      names.add(place(each) + " " + each.name());
      names.add(place(each) + " " + each.id());
    }
    List<String> missing = new ArrayList<>();
    int named = 0;
    for (Resource each : of(from)) {
      dev.freeway.controlplane.catalog.Path members =
          dev.freeway.controlplane.catalog.Path.parse(path);
      for (JsonNode value : members.all(JSON.readTree(each.document()))) {
        named++;
        if (!names.contains(place(each) + " " + value.asString())) {
          missing.add(each.id() + " names " + value);
        }
      }
    }
    assertThat(named).isPositive();
    assertThat(missing).isEmpty();
  }

  @Test
  void policiesCountWhatTheyAreAttachedTo() {
    Map<String, Integer> attached = new HashMap<>();
    for (Resource role : of("iam:role")) {
      for (JsonNode policy : JSON.readTree(role.document()).path("AttachedManagedPolicies")) {
        attached.merge(policy.path("PolicyArn").asString(), 1, Integer::sum);
      }
    }
    for (Resource policy : of("iam:policy")) {
      assertThat(JSON.readTree(policy.document()).path("AttachmentCount").asInt())
          .as(policy.name())
          .isEqualTo(attached.getOrDefault(policy.arn(), 0));
    }
  }

  private static List<Resource> of(String type) {
    return resources.stream()
        .filter(each -> (each.scope().service() + ":" + each.scope().type()).equals(type))
        .toList();
  }

  private static String place(Resource resource) {
    return resource.scope().account() + " " + resource.scope().region();
  }
}
