package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.Lasting;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.fake.Estate;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** Calls for each resource: how many at most, and those that need not be made. */
class ManyTest {
  private static final CatalogService TABLES =
      Rehearsal.service(
          "dynamodb",
          "dynamodb",
          """
          table:
            list: ListTables
            items: TableNames[]
            as: TableName
            id: TableName
            details:
              - {call: DescribeTable, with: {TableName: "{TableName}"}, take: Table}
              - {call: DescribeTimeToLive, with: {TableName: "{TableName}"}, take: TimeToLiveDescription, into: Ttl}
          stream:
            for: [table]
            list: DescribeTable
            with: {TableName: "{parent.TableName}"}
            items: Table
            where: LatestStreamArn
            id: LatestStreamArn
          """);
  private static final CatalogService TARGETS =
      Rehearsal.service(
          "application-autoscaling",
          "applicationautoscaling",
          """
          target:
            list: DescribeScalableTargets
            with: {ServiceNamespace: ecs}
            items: ScalableTargets[]
            id: ResourceId
          policy:
            after: [target]
            list: DescribeScalingPolicies
            with: {ServiceNamespace: ecs}
            items: ScalingPolicies[]
            id: PolicyName
          """);
  private static final CatalogService EXTRAS =
      Rehearsal.service(
          "dynamodb",
          "dynamodb",
          """
          table:
            list: ListTables
            items: TableNames[]
            as: TableName
            id: TableName
            details:
              - {call: DescribeTable, with: {TableName: "{TableName}"}, take: Table}
              - {call: DescribeTimeToLive, with: {TableName: "{TableName}"}, take: TimeToLiveDescription, into: Ttl, extra: true}
          backup:
            for: [table]
            when: ItemCount != 0
            list: ListBackups
            with: {TableName: "{parent.TableName}"}
            items: BackupSummaries[]
            id: BackupArn
          recovery:
            for: [table]
            extra: true
            list: DescribeContinuousBackups
            with: {TableName: "{parent.TableName}"}
            items: ContinuousBackupsDescription
            id: "{parent.TableName}"
          """);
  private static final String DESCRIBE = "dynamodb:DescribeTable";
  private static final String TTL = "dynamodb:DescribeTimeToLive";
  private static final String BACKUPS = "dynamodb:ListBackups";
  private static final String RECOVERY = "dynamodb:DescribeContinuousBackups";
  private static final String POLICIES = "applicationautoscaling:DescribeScalingPolicies";

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();

  private void tables(int count) {
    ObjectNode names = Rehearsal.json("{}");
    IntStream.range(0, count).forEach(i -> names.withArray("TableNames").add("t" + i));
    rehearsal
        .aws()
        .estate()
        .answer(Rehearsal.REGION, "dynamodb:ListTables", Map.of(), names)
        .made(
            Estate.ANY,
            DESCRIBE,
            Map.of(),
            asked -> {
              String name = asked.input().path("TableName").asString();
              return Rehearsal.json(
                  "{'Table':{'TableName':'%s','LatestStreamArn':'arn:%s'}}".formatted(name, name));
            });
  }

  private static ScanRequest request(int details, CatalogService service) {
    ScanRequest all = Rehearsal.request(service);
    return new ScanRequest(
        all.account(),
        all.partition(),
        all.regions(),
        all.global(),
        all.services(),
        all.tags(),
        all.withDefaults(),
        details);
  }

  private Recorder scan(int details, CatalogService service) throws InterruptedException {
    return rehearsal.scan(request(details, service), new Recorder());
  }

  private static Scope scope(CatalogService service, String type) {
    return new Scope("123456789012", service.label(), Rehearsal.REGION, type);
  }

  @Test
  void whatADetailWasAskedForNoListAsksAgain() throws InterruptedException {
    tables(3);
    Recorder recorder = scan(3, TABLES);
    assertThat(recorder.resources()).extracting(Resource::id).contains("t0", "t2", "arn:t1");
    assertThat(recorder.resources()).hasSize(6);
    assertThat(rehearsal.aws().requests(DESCRIBE)).isEqualTo(3);
    assertThat(recorder.whole()).contains(scope(TABLES, "table"), scope(TABLES, "stream"));
  }

  @Test
  void moreThanWereToBeAskedOneByOneAreNamedAndNotAskedButAllAreListed()
      throws InterruptedException {
    tables(4);
    Recorder recorder = scan(3, TABLES);
    assertThat(recorder.resources()).extracting(Resource::id).contains("t3", "arn:t3");
    assertThat(recorder.resources()).hasSize(8);
    assertThat(rehearsal.aws().requests(TTL)).isZero();
    assertThat(rehearsal.aws().requests(DESCRIBE)).isEqualTo(4);
    assertThat(recorder.whole()).contains(scope(TABLES, "table"), scope(TABLES, "stream"));
    List<LedgerEntry> skipped =
        recorder.ledger().stream().filter(one -> one.outcome() == Outcome.SKIPPED).toList();
    assertThat(skipped).extracting(LedgerEntry::operation).containsOnly("DescribeTimeToLive");
    assertThat(skipped).extracting(LedgerEntry::calls).containsOnly(4L);
    assertThat(skipped.getFirst().message()).contains("more than 3", "--details all");
    assertThat(skipped.getFirst().outcome().hides()).isTrue();
  }

  @Test
  void whatNothingNeedsIsLeftOutAndCountedAndTheScanIsWhole() throws InterruptedException {
    tables(3);
    Recorder recorder = new Recorder();
    Scanner.Result result = rehearsal.next().scan(request(1000, EXTRAS), recorder);
    rehearsal.renew();
    assertThat(rehearsal.aws().byOperation()).doesNotContainKeys(TTL, RECOVERY);
    assertThat(result.status()).isEqualTo(Scan.Status.COMPLETE);
    assertThat(result.leftOut())
        .isEqualTo(
            Map.of("dynamodb DescribeTimeToLive", 3L, "dynamodb DescribeContinuousBackups", 3L));
    assertThat(Lasting.notSeen(recorder.document("t1"))).containsExactly("Ttl");
    assertThat(recorder.whole()).contains(scope(EXTRAS, "table"), scope(EXTRAS, "backup"));
    assertThat(recorder.whole()).doesNotContain(scope(EXTRAS, "recovery"));
  }

  @Test
  void allDetailsAreTheExtraOnesToo() throws InterruptedException {
    tables(3);
    Recorder recorder = new Recorder();
    Scanner.Result result = rehearsal.next().scan(request(ScanRequest.ALL, EXTRAS), recorder);
    rehearsal.renew();
    assertThat(rehearsal.aws().requests(TTL)).isEqualTo(3);
    assertThat(rehearsal.aws().requests(RECOVERY)).isEqualTo(3);
    assertThat(result.leftOut()).isEmpty();
    assertThat(Lasting.notSeen(recorder.document("t1"))).isEmpty();
    assertThat(recorder.whole()).contains(scope(EXTRAS, "recovery"));
  }

  @Test
  void aListIsAskedForTheParentsThatMayHaveSomething() throws InterruptedException {
    tables(2);
    scan(1000, EXTRAS);
    assertThat(rehearsal.aws().requests(BACKUPS)).isEqualTo(2);
    rehearsal
        .aws()
        .estate()
        .made(
            Estate.ANY,
            DESCRIBE,
            Map.of(),
            asked -> Rehearsal.json("{'Table':{'TableName':'t','ItemCount':0}}"));
    Recorder empty = scan(1000, EXTRAS);
    assertThat(rehearsal.aws().requests(BACKUPS)).isEqualTo(2);
    assertThat(empty.whole()).contains(scope(EXTRAS, "backup"));
  }

  @Test
  void aScanIsNotResumedForWhatItLeavesOut() {
    Set<Scope> covered = Set.of(scope(EXTRAS, "table"), scope(EXTRAS, "backup"));
    Remaining usual = new Remaining(request(1000, EXTRAS), covered, List.of());
    assertThat(usual.of(EXTRAS, Rehearsal.REGION, false)).isEmpty();
    Remaining all = new Remaining(request(ScanRequest.ALL, EXTRAS), covered, List.of());
    assertThat(all.of(EXTRAS, Rehearsal.REGION, false))
        .extracting(ResourceType::name)
        .containsExactly("table", "recovery");
  }

  @Test
  void aListThatNeedsAnotherIsAskedWhereThatHasSomething() throws InterruptedException {
    Recorder none = scan(3, TARGETS);
    assertThat(rehearsal.aws().requests(POLICIES)).isZero();
    assertThat(none.whole()).contains(scope(TARGETS, "policy"));
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "applicationautoscaling:DescribeScalableTargets",
            "ScalableTargets[]",
            List.of(Rehearsal.json("{'ResourceId':'service/a/b'}")))
        .items(
            Rehearsal.REGION,
            POLICIES,
            "ScalingPolicies[]",
            List.of(Rehearsal.json("{'PolicyName':'out'}")));
    Recorder one = scan(3, TARGETS);
    assertThat(one.resources()).extracting(Resource::id).contains("service/a/b", "out");
  }

  @Test
  void aListThatNeedsAnotherIsResumedWithIt() {
    Remaining remaining =
        new Remaining(Rehearsal.request(TARGETS), Set.of(scope(TARGETS, "target")), List.of());
    assertThat(remaining.of(TARGETS, Rehearsal.REGION, false))
        .extracting(ResourceType::name)
        .containsExactlyInAnyOrder("target", "policy");
  }
}
