package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.fake.Estate;
import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** Lists are followed to their end, and where they cannot be, it is said. */
class PagesTest {
  private static final CatalogService SNAPSHOTS =
      Rehearsal.service(
          "ec2",
          "ec2",
          """
          snapshot:
            list: DescribeSnapshots
            with: {OwnerIds: [self], MaxResults: 1000}
            items: Snapshots[]
            id: SnapshotId
          """);
  private static final CatalogService QUEUES =
      Rehearsal.service(
          "sqs",
          "sqs",
          """
          queue:
            list: ListQueues
            with: {MaxResults: 100}
            items: QueueUrls[]
            as: QueueUrl
            id: "{QueueUrl|last /}"
          """);
  private static final String LIST = "ec2:DescribeSnapshots";

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();

  private void snapshots(int count) {
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            LIST,
            "Snapshots[]",
            IntStream.range(0, count)
                .mapToObj(i -> Rehearsal.json("{'SnapshotId':'snap-%017x'}".formatted(i)))
                .toList());
  }

  private static Scope scope(String service, String type) {
    return new Scope(Rehearsal.ACCOUNT, service, Rehearsal.REGION, type);
  }

  /** So a list may be longer than memory. */
  @Test
  void aPageIsHandedOnBeforeTheNextIsAsked() throws InterruptedException {
    snapshots(5);
    rehearsal.aws().pageSize(LIST, 2);
    Recorder seen = new Recorder();
    List<Long> asked = new CopyOnWriteArrayList<>();
    seen.watch(_ -> asked.add(rehearsal.aws().requests(LIST)));
    rehearsal.scan(Rehearsal.request(SNAPSHOTS), seen);
    assertThat(asked).containsExactly(1L, 1L, 2L, 2L, 3L);
    assertThat(seen.whole()).containsExactly(scope("ec2", "snapshot"));
  }

  @Test
  void tenThousandSnapshotsTakeTenCalls() throws InterruptedException {
    snapshots(10_000);
    Recorder seen = rehearsal.scan(SNAPSHOTS);
    assertThat(seen.resources()).hasSize(10_000);
    assertThat(seen.ids("snapshot")).doesNotHaveDuplicates();
    assertThat(seen.whole()).containsExactly(scope("ec2", "snapshot"));
    assertThat(seen.status()).isEqualTo(Scan.Status.COMPLETE);
    LedgerEntry entry = seen.entry("DescribeSnapshots");
    assertThat(List.of(entry.calls(), entry.pages(), entry.items(), entry.retries()))
        .containsExactly(10L, 10L, 10_000L, 0L);
    assertThat(rehearsal.aws().requests(LIST)).isEqualTo(10);
  }

  @Test
  void aPageThatIsRefusedLeavesTheScopeOpenAndKeepsWhatCameBefore() throws InterruptedException {
    snapshots(10_000);
    rehearsal.aws().faults().add(LIST, Trigger.Nth.of(4), new Fault.Denied());
    Recorder seen = rehearsal.scan(SNAPSHOTS);
    assertThat(seen.resources()).hasSize(3000);
    assertThat(seen.whole()).isEmpty();
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
    LedgerEntry entry = seen.entry("DescribeSnapshots");
    assertThat(entry.outcome()).isEqualTo(Outcome.DENIED);
    assertThat(List.of(entry.calls(), entry.pages(), entry.items())).containsExactly(4L, 3L, 3000L);
    assertThat(entry.code()).isEqualTo("UnauthorizedOperation");
  }

  @Test
  void aTokenThatComesAgainIsAnErrorAndNoLoop() throws InterruptedException {
    snapshots(10_000);
    rehearsal.aws().faults().add(LIST, new Trigger.Always(), new Fault.SameToken());
    Recorder seen = rehearsal.scan(SNAPSHOTS);
    LedgerEntry entry = seen.entry("DescribeSnapshots");
    assertThat(entry.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(entry.message()).contains("same page token twice").doesNotContain("own fault");
    assertThat(entry.calls()).isEqualTo(2);
    assertThat(seen.resources()).hasSize(2000);
    assertThat(seen.whole()).isEmpty();
  }

  private void pages(IntFunction<String> page) {
    AtomicInteger pages = new AtomicInteger();
    rehearsal
        .aws()
        .estate()
        .made(
            Rehearsal.REGION,
            LIST,
            Map.of(),
            _ -> Rehearsal.json(page.apply(pages.incrementAndGet())));
  }

  @Test
  void pagesThatNeverEndAreAnErrorAndNoLoop() throws InterruptedException {
    pages("{'Snapshots':[{'SnapshotId':'snap-1'}],'NextToken':'%d'}"::formatted);
    Recorder seen = rehearsal.scan(SNAPSHOTS);
    LedgerEntry entry = seen.entry("DescribeSnapshots");
    assertThat(entry.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(entry.message()).contains("the same page twice");
    assertThat(entry.pages()).isEqualTo(2);
    assertThat(seen.ids("snapshot")).containsExactly("snap-1");
    assertThat(seen.whole()).isEmpty();
  }

  @Test
  void tokensWithoutItemsAreAnErrorAndNoLoop() throws InterruptedException {
    pages("{'Snapshots':[],'NextToken':'%d'}"::formatted);
    Recorder seen = rehearsal.scan(SNAPSHOTS);
    assertThat(seen.entry("DescribeSnapshots").message()).contains("pages without an item");
    assertThat(seen.whole()).isEmpty();
  }

  @Test
  void someEmptyPagesAreAList() throws InterruptedException {
    pages(
        page ->
            page < 100
                ? "{'Snapshots':[],'NextToken':'%d'}".formatted(page)
                : "{'Snapshots':[{'SnapshotId':'snap-1'}]}");
    Recorder seen = rehearsal.scan(SNAPSHOTS);
    assertThat(seen.ids("snapshot")).containsExactly("snap-1");
    assertThat(seen.status()).isEqualTo(Scan.Status.COMPLETE);
  }

  @Test
  void aListThatSaysThatThereIsMoreAndNotWhereIsNotWhole() throws InterruptedException {
    CatalogService keys =
        Rehearsal.service(
            "iam",
            "iam",
            "key: {list: ListAccessKeys, items: 'AccessKeyMetadata[]', id: AccessKeyId}");
    rehearsal
        .aws()
        .estate()
        .answer(
            Estate.ANY,
            "iam:ListAccessKeys",
            Map.of(),
            Rehearsal.json("{'AccessKeyMetadata':[{'AccessKeyId':'g'}],'IsTruncated':true}"));
    Recorder seen = rehearsal.scan(keys);
    assertThat(seen.ids("key")).containsExactly("g");
    assertThat(seen.entry("ListAccessKeys").message()).contains("not how it goes on");
    assertThat(seen.whole()).isEmpty();
  }

  @Test
  void aTokenThatExpiredEndsTheListWithAwssWords() throws InterruptedException {
    snapshots(3000);
    rehearsal.aws().tokenLife(Duration.ofMillis(50));
    rehearsal.aws().faults().add(LIST, Trigger.Nth.of(2), new Fault.Throttled());
    Recorder seen = rehearsal.scan(SNAPSHOTS);
    LedgerEntry entry = seen.entry("DescribeSnapshots");
    assertThat(entry.outcome()).isEqualTo(Outcome.FAILED);
    assertThat(entry.message()).isEqualTo("the token has expired");
    assertThat(seen.resources()).hasSize(1000);
    assertThat(seen.whole()).isEmpty();
  }

  @Test
  void cloudFrontsListsAreInAStructure() throws InterruptedException {
    rehearsal
        .aws()
        .pageSize("cloudfront:ListDistributions", 2)
        .estate()
        .items(
            "us-east-1",
            "cloudfront:ListDistributions",
            "DistributionList.Items[]",
            IntStream.range(0, 7)
                .mapToObj(
                    i ->
                        Rehearsal.json(
                            "{'Id':'E%d','ARN':'arn:aws:cloudfront::%s:distribution/E%d'}"
                                .formatted(i, Rehearsal.ACCOUNT, i)))
                .toList());
    Recorder seen = rehearsal.scan(Rehearsal.service("cloudfront"));
    assertThat(seen.ids("distribution")).hasSize(7);
    assertThat(seen.entry("ListDistributions").pages()).isEqualTo(4);
    assertThat(seen.whole())
        .contains(new Scope(Rehearsal.ACCOUNT, "cloudfront", Scope.GLOBAL, "distribution"));
  }

  @Test
  void dynamoDbGoesOnAfterTheLastName() throws InterruptedException {
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "dynamodb:ListTables",
            "TableNames[]",
            IntStream.range(0, 250).mapToObj(i -> StringNode.valueOf("t" + i)).toList());
    Recorder seen =
        rehearsal.scan(
            Rehearsal.service(
                "dynamodb",
                "dynamodb",
                """
                table:
                  list: ListTables
                  with: {Limit: 100}
                  items: TableNames[]
                  as: TableName
                  id: TableName
                """));
    assertThat(seen.ids("table")).hasSize(250);
    assertThat(seen.entry("ListTables").pages()).isEqualTo(3);
  }

  @Test
  void recordSetsGoOnByNameTypeAndIdentifier() throws InterruptedException {
    List<JsonNode> records =
        IntStream.range(0, 20)
            .<JsonNode>mapToObj(
                i ->
                    Rehearsal.json(
                        i % 2 == 0
                            ? "{'Name':'a.example.','Type':'A','SetIdentifier':'s%02d'}"
                                .formatted(i)
                            : "{'Name':'n%02d.example.','Type':'TXT'}".formatted(i)))
            .toList();
    rehearsal
        .aws()
        .pageSize("route53:ListResourceRecordSets", 3)
        .estate()
        .items(
            "us-east-1",
            "route53:ListHostedZones",
            "HostedZones[]",
            List.of(
                Rehearsal.json("{'Id':'/hostedzone/Z1','Name':'example.','CallerReference':'c'}")))
        .items("us-east-1", "route53:ListResourceRecordSets", "ResourceRecordSets[]", records);
    Recorder seen = rehearsal.scan(Rehearsal.service("route53"));
    assertThat(seen.ids("record-set")).hasSize(20).contains("Z1/a.example./A/s04");
    assertThat(seen.entry("ListResourceRecordSets").pages()).isEqualTo(7);
    assertThat(seen.resource("Z1/n01.example./TXT").parent()).isEqualTo("Z1");
  }

  @Test
  void queuesComeByTheThousandOnlyWhenAskedSo() throws InterruptedException {
    rehearsal.queues(250);
    Recorder seen = rehearsal.scan(QUEUES);
    assertThat(seen.ids("queue")).hasSize(250).contains("q0", "q249");
    assertThat(seen.entry("ListQueues").pages()).isEqualTo(3);
  }

  @Test
  void membersAndStructuresThatNoModelKnowsAreSkipped() throws InterruptedException {
    snapshots(2500);
    rehearsal.aws().faults().add(".*", new Trigger.Always(), new Fault.Unknown());
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "sqs:ListQueues",
            "QueueUrls[]",
            List.of(StringNode.valueOf("https://sqs/1/q")))
        .items(
            "us-east-1",
            "route53:ListHostedZones",
            "HostedZones[]",
            List.of(
                Rehearsal.json(
                    "{'Id':'/hostedzone/Z1','Name':'example.','CallerReference':'c',"
                        + "'Config':{'Comment':'of tomorrow'}}")))
        .items(
            Rehearsal.REGION,
            "sns:ListTopics",
            "Topics[]",
            List.of(Rehearsal.json("{'TopicArn':'arn:aws:sns:eu-west-1:123456789012:t'}")));
    Recorder seen =
        rehearsal.scan(SNAPSHOTS, QUEUES, Rehearsal.service("route53"), Rehearsal.service("sns"));
    assertThat(seen.resources()).hasSize(2500 + 3);
    assertThat(seen.status()).isEqualTo(Scan.Status.COMPLETE);
    assertThat(seen.document("t").propertyNames()).containsOnly("TopicArn", "Tags");
  }

  @Test
  void anItemThatTwoPagesHaveIsOneResource() throws InterruptedException {
    rehearsal
        .aws()
        .pageSize(LIST, 2)
        .estate()
        .items(
            dev.freeway.controlplane.fake.Estate.ANY,
            Rehearsal.REGION,
            LIST,
            Map.of("OwnerIds", "self"),
            "Snapshots[]",
            List.of("snap-1", "snap-2", "snap-2", "snap-3").stream()
                .map(id -> Rehearsal.json("{'SnapshotId':'" + id + "'}"))
                .toList());
    Recorder seen = rehearsal.scan(SNAPSHOTS);
    assertThat(seen.ids("snapshot")).containsExactly("snap-1", "snap-2", "snap-3");
    assertThat(seen.entry("DescribeSnapshots").items()).isEqualTo(4);
  }

  /** The one place is wanted by nine seconds of queues, and tokens of pages age meanwhile. */
  @Test
  void aListGoesOnBesideALongQueue() throws InterruptedException {
    snapshots(50);
    rehearsal.places(1).aws().pageSize(LIST, 10).tokenLife(Duration.ofSeconds(30));
    CountDownLatch queued = new CountDownLatch(1);
    rehearsal
        .queues(900)
        .made(
            Estate.ANY,
            "sqs:GetQueueAttributes",
            Map.of(),
            _ -> {
              queued.countDown();
              rehearsal.time().goesOn(Duration.ofMillis(50), new CountDownLatch(1));
              return Rehearsal.json("{'Attributes':{}}");
            });
    Recorder seen = new Recorder();
    seen.watch(
        one -> {
          if (one.scope().type().equals("snapshot")) {
            try {
              assertThat(queued.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        });
    rehearsal.scan(Rehearsal.request(SNAPSHOTS, Rehearsal.service("sqs")), seen);
    assertThat(seen.ids("snapshot")).hasSize(50);
    assertThat(seen.status()).isEqualTo(Scan.Status.COMPLETE);
  }

  /** What it takes to keep what came is not the service's time. */
  @Test
  void theTimeOfACallIsThatOfItsRequests() throws InterruptedException {
    snapshots(10);
    rehearsal.aws().faults().add(LIST, Trigger.Nth.of(1), new Fault.Throttled());
    Recorder slow = new Recorder();
    slow.watch(_ -> rehearsal.time().goesOn(Duration.ofMinutes(1), new CountDownLatch(1)));
    rehearsal.scan(Rehearsal.request(SNAPSHOTS), slow);
    assertThat(slow.entry("DescribeSnapshots").time())
        .isBetween(Duration.ofMillis(1), Duration.ofSeconds(30));
  }

  /** A fault of ours in one list is no reason to lose others, whoever asked first. */
  @Test
  void whatCannotBeTakenInFailsInEachServiceThatHasIt() throws InterruptedException {
    snapshots(10);
    Recorder odd = new Recorder();
    odd.watch(
        one -> {
          if (one.id().endsWith("2")) {
            throw new IllegalStateException("odd");
          }
        });
    CatalogService other =
        Rehearsal.service(
            "two",
            "ec2",
            """
            snapshot:
              list: DescribeSnapshots
              with: {OwnerIds: [self], MaxResults: 1000}
              items: Snapshots[]
              id: SnapshotId
            """);
    rehearsal.scan(Rehearsal.request(SNAPSHOTS, other), odd);
    assertThat(odd.ledger())
        .extracting(LedgerEntry::service)
        .containsExactlyInAnyOrder("ec2", "two");
    assertThat(odd.ledger())
        .allMatch(entry -> entry.outcome() == LedgerEntry.Outcome.FAILED)
        .allMatch(entry -> entry.message().contains("Freeway's own fault"));
    assertThat(odd.status()).isEqualTo(Scan.Status.PARTIAL);
    assertThat(odd.whole()).isEmpty();
  }
}
