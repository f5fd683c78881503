package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.fake.Estate;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where a scan's rules begin and end. */
@Timeout(60)
class EdgesTest {
  private static final CatalogService QUEUES =
      Rehearsal.service(
          "sqs",
          "sqs",
          """
          queue:
            list: ListQueues
            items: QueueUrls[]
            as: QueueUrl
            where: QueueUrl ~ /q
            id: "{QueueUrl|last /}"
            details:
              - {call: GetQueueAttributes, with: {QueueUrl: "{QueueUrl}"}, take: Attributes, into: Attributes}
          """);
  private static final String ATTRIBUTES = "sqs:GetQueueAttributes";

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();

  private void queues(String... names) {
    rehearsal
        .queues(names)
        .made(
            Estate.ANY,
            ATTRIBUTES,
            Map.of(),
            _ -> Rehearsal.json("{'Attributes':{'DelaySeconds':'0'}}"));
  }

  private Recorder scan(int details) throws InterruptedException {
    ScanRequest all = Rehearsal.request(QUEUES);
    return rehearsal.scan(
        new ScanRequest(
            all.account(),
            all.partition(),
            all.regions(),
            all.global(),
            all.services(),
            all.tags(),
            all.withDefaults(),
            details),
        new Recorder());
  }

  @Test
  void whatIsOfAnotherTypeInTheSameListIsNone() throws InterruptedException {
    queues("q1", "other", "q2");
    Recorder seen = scan(1000);
    assertThat(seen.resources()).extracting(Resource::id).containsExactlyInAnyOrder("q1", "q2");
    assertThat(rehearsal.aws().requests(ATTRIBUTES)).isEqualTo(2);
  }

  @Test
  void asManyAsMayBeAskedAreAskedAndOfOneMoreNone() throws InterruptedException {
    queues("q1", "q2", "q3");
    Recorder seen = scan(3);
    assertThat(rehearsal.aws().requests(ATTRIBUTES)).isEqualTo(3);
    assertThat(seen.status()).isEqualTo(Scan.Status.COMPLETE);
    Recorder fewer = scan(2);
    assertThat(rehearsal.aws().requests(ATTRIBUTES)).isEqualTo(3);
    assertThat(fewer.status()).isEqualTo(Scan.Status.PARTIAL);
  }

  /** All were listed, but nobody knows what the rest of the details would have said. */
  @Test
  void whatWasStoppedBetweenItsCallsIsNotWhole() throws InterruptedException {
    queues(IntStream.range(0, 40).mapToObj(i -> "q" + i).toArray(String[]::new));
    rehearsal
        .aws()
        .estate()
        .made(
            Estate.ANY,
            ATTRIBUTES,
            Map.of(),
            _ -> {
              rehearsal.next().stop();
              return Rehearsal.json("{'Attributes':{'DelaySeconds':'0'}}");
            });
    Recorder seen = scan(1000);
    assertThat(seen.whole()).isEmpty();
    assertThat(seen.resources()).hasSize(40);
    assertThat(seen.status()).isEqualTo(Scan.Status.PARTIAL);
  }

  /** "Owner=" asks for those whose owner is blank, not for those that have none. */
  @Test
  void aTagThatIsMissingHasNoValue() throws InterruptedException {
    CatalogService volumes =
        Rehearsal.service(
            "ec2",
            "ec2",
            "volume: {list: DescribeVolumes, items: 'Volumes[]', id: VolumeId, tags: Tags}");
    rehearsal
        .aws()
        .estate()
        .items(
            Rehearsal.REGION,
            "ec2:DescribeVolumes",
            "Volumes[]",
            List.of(
                Rehearsal.json("{'VolumeId':'blank','Tags':[{'Key':'Owner','Value':''}]}"),
                Rehearsal.json("{'VolumeId':'other','Tags':[{'Key':'Owner','Value':'ann'}]}"),
                Rehearsal.json("{'VolumeId':'none','Tags':[{'Key':'Team','Value':''}]}")));
    Recorder seen =
        rehearsal.scan(
            Rehearsal.request(
                List.of(volumes), Map.of("Owner", Set.of("")), true, Rehearsal.REGION),
            new Recorder());
    assertThat(seen.resources()).extracting(Resource::id).containsExactly("blank");
  }

  @Test
  void aDetailOfSeveralPagesIsAllOfThem() throws InterruptedException {
    CatalogService tables =
        Rehearsal.service(
            "dynamodb",
            "dynamodb",
            """
            table:
              list: ListTables
              items: TableNames[]
              as: TableName
              id: TableName
              tags: Tags
              details:
                - {call: ListTagsOfResource, with: {ResourceArn: "{TableName}"}, take: Tags, into: Tags}
            """);
    rehearsal
        .aws()
        .estate()
        .answer(
            Rehearsal.REGION,
            "dynamodb:ListTables",
            Map.of(),
            Rehearsal.json("{'TableNames':['t']}"))
        .made(
            Estate.ANY,
            "dynamodb:ListTagsOfResource",
            Map.of(),
            asked ->
                asked.input().has("NextToken")
                    ? Rehearsal.json("{'Tags':[{'Key':'b','Value':'2'}]}")
                    : Rehearsal.json("{'Tags':[{'Key':'a','Value':'1'}],'NextToken':'more'}"));
    Recorder seen = rehearsal.scan(tables);
    assertThat(seen.resource("t").tags()).isEqualTo(Map.of("a", "1", "b", "2"));
  }

  /** A list of no region has those of all; without it being asked for, the others are nobody's. */
  @Test
  void whatIsInARegionThatWasNotAskedForIsLeftOut() throws InterruptedException {
    CatalogService buckets =
        Rehearsal.service(
            "s3",
            "s3",
            """
            bucket:
              scope: {global: [us-east-1]}
              list: ListBuckets
              items: Buckets[]
              id: Name
              region: BucketRegion
            """);
    rehearsal
        .aws()
        .estate()
        .items(
            "us-east-1",
            "s3:ListBuckets",
            "Buckets[]",
            List.of(
                Rehearsal.json("{'Name':'here','BucketRegion':'us-east-1'}"),
                Rehearsal.json("{'Name':'there','BucketRegion':'eu-west-1'}")));
    ScanRequest here =
        new ScanRequest(
            Rehearsal.ACCOUNT,
            "aws",
            List.of("us-east-1"),
            false,
            List.of(buckets),
            Map.of(),
            true,
            1000);
    assertThat(rehearsal.scan(here, new Recorder()).ids("bucket")).containsExactly("here");
    assertThat(rehearsal.scan(buckets).ids("bucket")).containsExactly("here", "there");
  }
}
