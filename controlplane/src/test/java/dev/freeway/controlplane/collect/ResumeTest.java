package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoredResource;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;

/** A scan that was cut off and resumed gives what one that was not gives, with fewer calls. */
@Timeout(120)
class ResumeTest {
  private static final List<CatalogService> SERVICES =
      Stream.of("apigateway", "dynamodb", "elbv2", "iam", "kinesis", "lambda", "s3", "sns", "sqs")
          .map(Rehearsal::service)
          .toList();
  private static final AwsBasicCredentials CREDENTIALS =
      AwsBasicCredentials.create("AKIA" + Rehearsal.ACCOUNT, "secret");

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();
  @TempDir private Path directory;

  @BeforeEach
  void fill() {
    rehearsal.aws().fill(3);
  }

  private Store store(String name) {
    return Store.open(new StoreAddress.Sqlite(directory.resolve(name)));
  }

  private static ScanRequest request() {
    return Rehearsal.request(SERVICES, Map.of(), true, Rehearsal.REGION, "us-east-1");
  }

  private static ScanWriter begin(Store store) {
    return store.begin(
        Rehearsal.ACCOUNT,
        "",
        Instant.now(),
        List.of(Rehearsal.REGION, "us-east-1"),
        SERVICES.stream().map(CatalogService::label).toList(),
        List.of());
  }

  /** Scans; as if Ctrl-C came with a request, by its number. */
  private Scanner.Result scan(ScanWriter writer, int last) throws InterruptedException {
    return scan(writer, last, request());
  }

  private Scanner.Result scan(ScanWriter writer, int last, ScanRequest request)
      throws InterruptedException {
    AtomicInteger requests = new AtomicInteger();
    rehearsal.with(
        () -> {
          if (requests.incrementAndGet() == last) {
            rehearsal.next().stop();
          }
          return CREDENTIALS;
        });
    try (writer) {
      return rehearsal.next().scan(request, writer);
    }
  }

  private static List<String> held(Store store) {
    try (Stream<StoredResource> resources = store.resources(ResourceFilter.CURRENT)) {
      return resources.map(one -> one.resource().toString()).toList();
    }
  }

  @Test
  void aFilteredScanGoesOnTooAndRetiresNothing() throws InterruptedException {
    Store store = store("filtered.db");
    scan(begin(store), Integer.MAX_VALUE);
    List<String> all = held(store);
    ScanRequest filtered =
        Rehearsal.request(
            SERVICES, Map.of("nobody", Set.of("has")), true, Rehearsal.REGION, "us-east-1");
    ScanWriter first =
        store.begin(
            Rehearsal.ACCOUNT,
            "",
            Instant.now(),
            filtered.regions(),
            SERVICES.stream().map(CatalogService::label).toList(),
            List.of("nobody=has"));
    assertThat(scan(first, 80, filtered).status()).isEqualTo(Scan.Status.PARTIAL);
    ScanWriter second = store.resume(2);
    assertThat(second.covered()).isNotEmpty();
    assertThat(scan(second, Integer.MAX_VALUE, filtered).status()).isEqualTo(Scan.Status.COMPLETE);
    assertThat(held(store)).isEqualTo(all).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 40, 80, 120})
  void itGivesWhatOneWholeScanGives(int last) throws InterruptedException {
    Store whole = store("whole.db");
    Scanner.Result once = scan(begin(whole), Integer.MAX_VALUE);
    assertThat(once.ledger()).noneMatch(entry -> entry.outcome().hides());
    assertThat(once.status()).isEqualTo(Scan.Status.COMPLETE);
    long requests = rehearsal.aws().requests();
    assertThat(requests).isGreaterThan(125);

    Store store = store("resumed.db");
    assertThat(scan(begin(store), last).status()).isEqualTo(Scan.Status.PARTIAL);
    assertThat(scan(store.resume(1), 30).status()).isEqualTo(Scan.Status.PARTIAL);
    ScanWriter writer = store.resume(1);
    Set<Scope> covered = writer.covered();
    rehearsal.aws().forget();
    Scanner.Result resumed = scan(writer, Integer.MAX_VALUE);
    assertThat(resumed.status()).isEqualTo(Scan.Status.COMPLETE);
    assertThat(held(store)).isEqualTo(held(whole));
    assertThat(store.ledger(1)).noneMatch(entry -> entry.outcome().hides());
    Scan scan = store.scans().getFirst();
    assertThat(scan.status()).isEqualTo(Scan.Status.COMPLETE);
    assertThat(scan.resources()).isEqualTo(whole.scans().getFirst().resources());
    assertThat(rehearsal.aws().requests()).isLessThanOrEqualTo(requests);
    for (Scope scope : covered) {
      if (scope.type().equals("topic") && scope.region().equals(Rehearsal.REGION)) {
        assertThat(resumed.ledger())
            .noneMatch(
                entry ->
                    entry.service().equals("sns")
                        && entry.operation().equals("ListTopics")
                        && entry.region().equals(Rehearsal.REGION));
      }
    }
    assertThat(store.check()).isEmpty();
  }

  @Test
  void whatWasRefusedIsAskedAgainAndNothingElse() throws InterruptedException {
    rehearsal
        .aws()
        .faults()
        .add("sqs:GetQueueAttributes", new Trigger.Always(), new Fault.Denied());
    Store store = store("refused.db");
    assertThat(scan(begin(store), Integer.MAX_VALUE).status()).isEqualTo(Scan.Status.PARTIAL);
    rehearsal.aws().faults().clear();
    rehearsal.aws().forget();
    assertThat(scan(store.resume(1), Integer.MAX_VALUE).status()).isEqualTo(Scan.Status.COMPLETE);
    assertThat(rehearsal.aws().byOperation().keySet())
        .contains("sqs:ListQueues", "sqs:GetQueueAttributes")
        .allMatch(name -> name.startsWith("sqs:") || name.startsWith("resourcegroupstagging"));
    assertThat(store.ledger(1)).noneMatch(entry -> entry.outcome().hides());
    assertThat(store.ledger(1))
        .filteredOn(entry -> entry.operation().equals("GetQueueAttributes"))
        .hasSize(2)
        .allMatch(entry -> entry.outcome() == LedgerEntry.Outcome.OK && entry.calls() == 3);
  }

  @Test
  void whatIsRefusedStillStaysInTheLedgerOnce() throws InterruptedException {
    rehearsal
        .aws()
        .faults()
        .add("sqs:GetQueueAttributes", new Trigger.Always(), new Fault.Denied());
    Store store = store("refused.db");
    scan(begin(store), Integer.MAX_VALUE);
    List<LedgerEntry> before = hidden(store);
    assertThat(scan(store.resume(1), Integer.MAX_VALUE).status()).isEqualTo(Scan.Status.PARTIAL);
    assertThat(hidden(store)).hasSameSizeAs(before).isNotEmpty();
    assertThat(hidden(store).getFirst().calls()).isEqualTo(before.getFirst().calls());
  }

  private static List<LedgerEntry> hidden(Store store) {
    return store.ledger(1).stream().filter(entry -> entry.outcome().hides()).toList();
  }
}
