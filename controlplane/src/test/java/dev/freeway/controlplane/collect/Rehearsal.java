package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.aws.AwsClient;
import dev.freeway.controlplane.aws.Endpoints;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogFiles;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.fake.Estate;
import dev.freeway.controlplane.fake.FakeAws;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** A scanner in front of a fake AWS, in simulated time. */
final class Rehearsal implements AutoCloseable {
  static final String ACCOUNT = "123456789012";
  static final String REGION = "eu-west-1";

  /** Topics, whose tags the tagging API may know. */
  static final CatalogService TOPICS =
      service(
          "sns",
          "sns",
          """
          topic:
            list: ListTopics
            items: Topics[]
            id: "{TopicArn|last :}"
            arn: TopicArn
            tags: {call: ListTagsForResource, with: {ResourceArn: "{TopicArn}"}, take: Tags, bulk: true}
          """);

  private static final JsonMapper JSON = new JsonMapper();
  private static final int IN_FLIGHT = 16;

  private final Simulated time = new Simulated();
  private final FakeAws aws = FakeAws.start(time::nanos);
  private SdkHttpClient http =
      ApacheHttpClient.builder()
          .maxConnections(IN_FLIGHT)
          .connectionTimeout(Duration.ofSeconds(20))
          .socketTimeout(Duration.ofSeconds(20))
          .build();
  private Supplier<AwsCredentialsIdentity> credentials =
      () -> AwsBasicCredentials.create("AKIA" + ACCOUNT, "secret");
  private Waiting waiting = time;
  private int places = IN_FLIGHT;
  private Scanner scanner = scanner();

  FakeAws aws() {
    return aws;
  }

  Simulated time() {
    return time;
  }

  /** The scanner of the scan that runs or is next. */
  Scanner next() {
    return scanner;
  }

  /** The scan that {@link #next} gave is over. */
  void renew() {
    scanner = scanner();
  }

  /** Over another client, which it closes. */
  Rehearsal over(SdkHttpClient other) {
    http.close();
    http = other;
    scanner = scanner();
    return this;
  }

  Rehearsal with(Supplier<AwsCredentialsIdentity> other) {
    credentials = other;
    scanner = scanner();
    return this;
  }

  /** With another way to wait. */
  Rehearsal waiting(Waiting other) {
    waiting = other;
    scanner = scanner();
    return this;
  }

  /** With so many requests at a time. */
  Rehearsal places(int other) {
    places = other;
    scanner = scanner();
    return this;
  }

  private Scanner scanner() {
    Ledger ledger = new Ledger(ACCOUNT);
    AwsClient client = new AwsClient(http, new Endpoints(Optional.of(aws.url())));
    Caller caller =
        new Caller(
            client,
            (_, _) -> credentials.get(),
            ledger,
            new Permits(places),
            Progress.NONE,
            waiting);
    return new Scanner(caller, ledger, Progress.NONE);
  }

  static CatalogService service(String label) {
    return Catalog.builtIn().service(label).orElseThrow();
  }

  static CatalogService service(String label, String sdk, String types) {
    return CatalogFiles.read(
        "service: %s\ncategory: Test\nsdk: %s\ntypes:\n%s".formatted(label, sdk, types.indent(2)));
  }

  static ScanRequest request(CatalogService... services) {
    return request(List.of(services), Map.of(), true, REGION);
  }

  static ScanRequest request(
      List<CatalogService> services,
      Map<String, Set<String>> tags,
      boolean defaults,
      String... regions) {
    return new ScanRequest(ACCOUNT, "aws", List.of(regions), true, services, tags, defaults, 1000);
  }

  Recorder scan(CatalogService... services) throws InterruptedException {
    return scan(request(services), new Recorder());
  }

  Recorder scan(ScanRequest request, Recorder recorder) throws InterruptedException {
    scanner.scan(request, recorder);
    scanner = scanner();
    return recorder;
  }

  /** The region's queues. */
  Estate queues(String... names) {
    return aws.estate()
        .items(
            REGION,
            "sqs:ListQueues",
            "QueueUrls[]",
            Stream.of(names).map(name -> StringNode.valueOf("https://sqs/1/" + name)).toList());
  }

  /** So many of them: q0, q1 and so on. */
  Estate queues(int count) {
    return queues(IntStream.range(0, count).mapToObj(i -> "q" + i).toArray(String[]::new));
  }

  /** Scans into a store, whole. */
  Scanner.Result scan(ScanRequest request, Store store, Instant now) throws InterruptedException {
    try (ScanWriter writer =
        store.begin(
            ACCOUNT,
            "",
            now,
            request.regions(),
            request.services().stream().map(CatalogService::label).toList(),
            List.of())) {
      return scanner.scan(request, writer);
    } finally {
      scanner = scanner();
    }
  }

  static ObjectNode json(String text) {
    return JSON.readTree(text.replace('\'', '"')).asObject();
  }

  /** Of a test that is over: the fake understood everything. */
  @Override
  public void close() {
    http.close();
    aws.close();
    assertThat(aws.broken()).isEmpty();
  }
}
