package dev.freeway.controlplane.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.aws.AwsClient;
import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.Endpoints;
import dev.freeway.controlplane.aws.ServiceModel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The fake is as strict and as slow as what it stands for. */
class FakeAwsTest {
  private static final String LIST = "ec2:DescribeSnapshots";

  private static ObjectNode call(
      FakeAws aws, SdkHttpClient http, String key, String name, Map<String, Object> input)
      throws AwsException {
    ServiceModel model = ServiceModel.of(name.substring(0, name.indexOf(':')));
    return new AwsClient(http, new Endpoints(Optional.of(aws.url())))
        .call(
            model,
            model.operation(name.substring(name.indexOf(':') + 1)),
            "eu-west-1",
            input,
            AwsBasicCredentials.create(key, "secret"));
  }

  private static ObjectNode call(FakeAws aws, String name, Map<String, Object> input)
      throws AwsException {
    try (SdkHttpClient http = ApacheHttpClient.create()) {
      return call(aws, http, "AKIA123456789012", name, input);
    }
  }

  private static FakeAws snapshots(FakeAws aws, int count) {
    aws.estate()
        .items(
            Estate.ANY,
            LIST,
            "Snapshots[]",
            IntStream.range(0, count)
                .mapToObj(i -> JsonNodeFactory.instance.objectNode().put("SnapshotId", "snap-" + i))
                .toList());
    return aws;
  }

  @Test
  void givesNoLargerPagesThanAws() throws AwsException {
    try (FakeAws aws = snapshots(FakeAws.start(), 2500)) {
      assertThat(call(aws, LIST, Map.of("MaxResults", 5000)).path("Snapshots")).hasSize(1000);
      assertThat(call(aws, LIST, Map.of("MaxResults", 7)).path("Snapshots")).hasSize(7);
      assertThat(call(aws, "ec2:DescribeVolumes", Map.of()).toString())
          .isEqualTo("{\"Volumes\":[]}");
    }
  }

  @Test
  void tokensHoldForTheirQueryAlone() throws AwsException {
    try (FakeAws aws = snapshots(FakeAws.start(), 2500)) {
      String token = call(aws, LIST, Map.of("MaxResults", 10)).path("NextToken").asString();
      assertThat(
              call(aws, LIST, Map.of("MaxResults", 10, "NextToken", token))
                  .path("Snapshots")
                  .path(0)
                  .path("SnapshotId")
                  .asString())
          .isEqualTo("snap-10");
      for (Map<String, Object> other :
          List.<Map<String, Object>>of(
              Map.of("MaxResults", 11, "NextToken", token),
              Map.of("MaxResults", 10, "NextToken", "made up"))) {
        assertThatThrownBy(() -> call(aws, LIST, other))
            .isInstanceOfSatisfying(
                AwsException.class,
                e -> assertThat(e.code()).isEqualTo("InvalidNextToken.Malformed"));
      }
    }
  }

  @Test
  void bucketsAreOfEachAccountRegionAndService() throws AwsException {
    AtomicLong now = new AtomicLong();
    try (FakeAws aws =
            FakeAws.start(now::get).limit("ec2", new FakeAws.Limit(2, 3)).pageSize(LIST, 1);
        SdkHttpClient http = ApacheHttpClient.create()) {
      for (int i = 0; i < 3; i++) {
        call(aws, http, "AKIA111111111111", LIST, Map.of());
      }
      assertThatThrownBy(() -> call(aws, http, "AKIA111111111111", LIST, Map.of()))
          .isInstanceOfSatisfying(
              AwsException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(AwsException.Kind.THROTTLED);
                assertThat(e.code()).isEqualTo("RequestLimitExceeded");
              });
      call(aws, http, "AKIA222222222222", LIST, Map.of());
      call(aws, http, "AKIA111111111111", "sns:ListTopics", Map.of());
      now.addAndGet(Duration.ofMillis(500).toNanos());
      call(aws, http, "AKIA111111111111", LIST, Map.of());
      assertThat(aws.throttled()).isEqualTo(1);
    }
  }

  @Test
  void knowsTheCallersAccount() throws AwsException {
    try (FakeAws aws = FakeAws.start();
        SdkHttpClient http = ApacheHttpClient.create()) {
      assertThat(
              call(aws, http, "AKIA444455556666", "sts:GetCallerIdentity", Map.of())
                  .path("Account")
                  .asString())
          .isEqualTo("444455556666");
      assertThat(
              call(aws, http, "AKIA444455556666", "ec2:DescribeRegions", Map.of()).path("Regions"))
          .hasSize(2);
    }
  }

  @Test
  void connectionsAndHandshakesAreCounted() throws Exception {
    try (FakeAws aws = FakeAws.startWithTls().latency(Duration.ofMillis(5));
        SdkHttpClient http =
            ApacheHttpClient.builder()
                .maxConnections(4)
                .connectionTimeout(Duration.ofSeconds(20))
                .tlsTrustManagersProvider(aws::trust)
                .build();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<ObjectNode>> calls =
          IntStream.range(0, 40)
              .mapToObj(
                  _ ->
                      threads.submit(
                          () -> call(aws, http, "AKIA123456789012", "sns:ListTopics", Map.of())))
              .toList();
      for (Future<ObjectNode> call : calls) {
        assertThat(call.get().toString()).isEqualTo("{\"Topics\":[]}");
      }
      assertThat(aws.requests()).isEqualTo(40);
      assertThat(aws.connections()).isBetween(1L, 4L);
      assertThat(aws.handshakes()).isEqualTo(aws.connections());
      assertThat(aws.mostAtOnce()).isBetween(1, 4);
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    }
  }

  @Test
  void servicesThatShareANameAnswerForWhoeverHasSomething() throws AwsException {
    try (FakeAws aws = FakeAws.start()) {
      aws.estate()
          .items(
              Estate.ANY,
              "docdb:DescribeDbClusters",
              "DBClusters[]",
              List.of(JsonNodeFactory.instance.objectNode().put("DBClusterIdentifier", "d")));
      assertThat(call(aws, "docdb:DescribeDbClusters", Map.of()).path("DBClusters")).hasSize(1);
      assertThat(aws.requests("docdb:DescribeDbClusters")).isEqualTo(1);
      assertThat(aws.broken()).isEmpty();
    }
  }
}
