package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.Lasting;
import dev.freeway.controlplane.diff.Change;
import dev.freeway.controlplane.diff.Differences;
import dev.freeway.controlplane.fake.Estate;
import dev.freeway.controlplane.fake.Fault;
import dev.freeway.controlplane.fake.Trigger;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.Clock;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoredResource;
import dev.freeway.controlplane.store.Version;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a scan could not see of a resource is no change of it. */
class CarryTest {
  private static final CatalogService QUEUES = Rehearsal.service("sqs");
  private static final Scope SCOPE = new Scope(Rehearsal.ACCOUNT, "sqs", Rehearsal.REGION, "queue");
  private static final String ATTRIBUTES = "sqs:GetQueueAttributes";
  private static final String TAGS = "sqs:ListQueueTags";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @AutoClose private final Rehearsal rehearsal = new Rehearsal();
  private final Clock clock = new Clock();
  @TempDir private Path directory;
  private @Nullable Store opened;

  @BeforeEach
  void open() {
    opened = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
    rehearsal
        .aws()
        .estate()
        .made(
            Estate.ANY,
            "sqs:ListQueues",
            Map.of(),
            _ -> Rehearsal.json("{'QueueUrls':['https://sqs/123456789012/jobs']}"));
    answers(7, "{'Owner':'ann','Name':'Jobs'}");
  }

  private void answers(int messages, String tags) {
    rehearsal
        .aws()
        .estate()
        .made(
            Estate.ANY,
            ATTRIBUTES,
            Map.of(),
            _ ->
                Rehearsal.json(
                    ("{'Attributes':{'VisibilityTimeout':'30','ApproximateNumberOfMessages':'"
                        + messages
                        + "'}}")))
        .made(Estate.ANY, TAGS, Map.of(), _ -> Rehearsal.json("{'Tags':" + tags + "}"));
  }

  private Store store() {
    return Objects.requireNonNull(opened);
  }

  private Scanner.Result scan() throws InterruptedException {
    return scan(Rehearsal.request(QUEUES));
  }

  private Scanner.Result scan(ScanRequest request) throws InterruptedException {
    clock.pass(60);
    return rehearsal.scan(request, store(), clock.instant());
  }

  private Resource queue() {
    try (Stream<StoredResource> all = store().resources(ResourceFilter.CURRENT)) {
      return all.map(StoredResource::resource).toList().getFirst();
    }
  }

  private JsonNode document() {
    return JSON.readTree(queue().document());
  }

  private List<Change> changes(Instant from) {
    return Differences.between(
        store(), Catalog.builtIn(), ResourceFilter.CURRENT, from, Optional.empty(), false);
  }

  @Test
  void aRefusedDetailStaysAsItWasLastSeen() throws InterruptedException {
    scan();
    Instant seen = clock.instant();
    Resource before = queue();
    assertThat(before.name()).isEqualTo("Jobs");
    rehearsal.aws().faults().add(ATTRIBUTES, new Trigger.First(1), new Fault.Denied());
    rehearsal.aws().faults().add(TAGS, new Trigger.First(1), new Fault.Denied());
    Scanner.Result denied = scan();
    assertThat(denied.status()).isEqualTo(Scan.Status.PARTIAL);
    assertThat(denied.ledger())
        .filteredOn(entry -> entry.outcome().hides())
        .extracting(entry -> entry.operation())
        .containsExactlyInAnyOrder("GetQueueAttributes", "ListQueueTags");
    assertThat(document().at("/Attributes/VisibilityTimeout").asString()).isEqualTo("30");
    assertThat(Lasting.notSeen(document())).containsExactly("Attributes", "Tags");
    assertThat(queue().tags()).isEqualTo(before.tags());
    assertThat(queue().name()).isEqualTo("Jobs");
    assertThat(store().history(SCOPE, "jobs")).hasSize(1);
    assertThat(changes(seen)).isEmpty();
    scan();
    assertThat(Lasting.notSeen(document())).isEmpty();
    assertThat(store().history(SCOPE, "jobs")).hasSize(1);
    assertThat(changes(seen)).isEmpty();
  }

  @Test
  void whatALaterScanLeavesOutStaysAsItWasLastSeen() throws InterruptedException {
    CatalogService queues =
        Rehearsal.service(
            "sqs",
            "sqs",
            """
            queue:
              list: ListQueues
              items: QueueUrls[]
              as: QueueUrl
              id: "{QueueUrl|last /}"
              details:
                - {call: GetQueueAttributes, with: {QueueUrl: "{QueueUrl}"}, take: Attributes, into: Attributes, extra: true}
            """);
    ScanRequest usual = Rehearsal.request(queues);
    scan(
        new ScanRequest(
            usual.account(),
            usual.partition(),
            usual.regions(),
            usual.global(),
            usual.services(),
            usual.tags(),
            usual.withDefaults(),
            ScanRequest.ALL));
    Instant seen = clock.instant();
    assertThat(Lasting.notSeen(document())).isEmpty();
    assertThat(scan(usual).status()).isEqualTo(Scan.Status.COMPLETE);
    assertThat(document().at("/Attributes/VisibilityTimeout").asString()).isEqualTo("30");
    assertThat(Lasting.notSeen(document())).containsExactly("Attributes");
    assertThat(changes(seen)).isEmpty();
  }

  @Test
  void whatIsLeftOutByWhatAnotherCallGaveStaysToo() throws InterruptedException {
    CatalogService queues =
        Rehearsal.service(
            "sqs",
            "sqs",
            """
            queue:
              list: ListQueues
              items: QueueUrls[]
              as: QueueUrl
              id: "{QueueUrl|last /}"
              details:
                - {call: GetQueueAttributes, with: {QueueUrl: "{QueueUrl}"}, take: Attributes, into: Attributes}
                - {call: ListQueueTags, with: {QueueUrl: "{QueueUrl}"}, take: Tags, into: Tags, when: Attributes.VisibilityTimeout = 30, extra: true}
            """);
    ScanRequest usual = Rehearsal.request(queues);
    scan(
        new ScanRequest(
            usual.account(),
            usual.partition(),
            usual.regions(),
            usual.global(),
            usual.services(),
            usual.tags(),
            usual.withDefaults(),
            ScanRequest.ALL));
    Instant seen = clock.instant();
    assertThat(document().at("/Tags/Owner").asString()).isEqualTo("ann");
    assertThat(scan(usual).leftOut()).containsExactly(Map.entry("sqs ListQueueTags", 1L));
    assertThat(document().at("/Tags/Owner").asString()).isEqualTo("ann");
    assertThat(Lasting.notSeen(document())).containsExactly("Tags");
    assertThat(changes(seen)).isEmpty();
  }

  @Test
  void whatWasNeverSeenIsNoChangeWhenItIsSeen() throws InterruptedException {
    rehearsal.aws().faults().add(ATTRIBUTES, new Trigger.First(1), new Fault.Denied());
    rehearsal.aws().faults().add(TAGS, new Trigger.First(1), new Fault.Denied());
    scan();
    Instant first = clock.instant();
    assertThat(document().has("Attributes")).isFalse();
    assertThat(Lasting.notSeen(document())).containsExactly("Attributes", "Tags");
    scan();
    assertThat(document().at("/Attributes/VisibilityTimeout").asString()).isEqualTo("30");
    assertThat(changes(first)).isEmpty();
    assertThat(store().history(SCOPE, "jobs")).hasSize(2);
  }

  @Test
  void whatChangesByItselfIsNoChange() throws InterruptedException {
    scan();
    Instant first = clock.instant();
    answers(99, "{'Owner':'ann','Name':'Jobs'}");
    scan();
    assertThat(document().at("/Attributes/ApproximateNumberOfMessages").asString()).isEqualTo("99");
    assertThat(store().history(SCOPE, "jobs")).extracting(Version::since).containsExactly(first);
    assertThat(changes(first)).isEmpty();
    answers(100, "{'Owner':'bob','Name':'Jobs'}");
    scan();
    assertThat(changes(first))
        .singleElement()
        .satisfies(
            change -> {
              assertThat(change.fields()).isEmpty();
              assertThat(change.tags()).extracting(tag -> tag.path()).containsExactly("tag:Owner");
            });
  }
}
