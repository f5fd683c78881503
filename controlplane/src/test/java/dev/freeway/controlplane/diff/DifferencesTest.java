package dev.freeway.controlplane.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.Clock;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scans of two accounts, an hour apart, left different. */
class DifferencesTest {
  private static final String OTHER = "999999999999";
  private static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");
  private static final Scope QUEUES = Samples.scope("sqs", "eu-west-1", "queue");
  private static final Scope OTHERS = new Scope(OTHER, "ec2", "eu-west-1", "instance");
  private static final Catalog CATALOG = Catalog.builtIn();

  private final Clock clock = new Clock();
  private final Store store;

  DifferencesTest(@TempDir Path directory) {
    store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
  }

  /** A scan that sees all of a scope; returns when it ended, an hour before what comes next. */
  private Instant scan(Scope scope, Resource... seen) {
    Instant at = clock.instant();
    try (ScanWriter writer =
        store.begin(
            scope.account(),
            scope.account(),
            at,
            List.of("eu-west-1"),
            List.of(scope.service()),
            List.of())) {
      for (Resource each : seen) {
        writer.seen(each, List.of());
      }
      writer.whole(scope);
      writer.finish(Scan.Status.COMPLETE, at);
    }
    clock.pass(3600);
    return at;
  }

  private static Resource instance(String id, String document) {
    return Samples.resource(INSTANCES, id, document);
  }

  private List<Change> changes(Instant from, Optional<Instant> to, boolean ignoreTags) {
    return Differences.between(store, CATALOG, ResourceFilter.CURRENT, from, to, ignoreTags);
  }

  private static List<String> said(List<Change> changes) {
    return changes.stream()
        .map(
            change ->
                change.kind()
                    + " "
                    + change.resource().id()
                    + change.fields().stream()
                        .map(
                            field ->
                                " " + field.path() + text(field.before()) + text(field.after()))
                        .toList()
                    + change.tags().stream().map(FieldChange::path).toList())
        .toList();
  }

  private static String text(Optional<?> value) {
    return " " + value.map(Object::toString).orElse("-");
  }

  @Test
  void comparesTheDocumentsOfBothTimesInTheirOrder() {
    Instant first = scan(INSTANCES, instance("i-0", "{}"), instance("i-1", "{\"v\":1}"));
    Instant second = scan(INSTANCES, instance("i-1", "{\"v\":2}"), instance("i-9", "{}"));
    Instant third = scan(INSTANCES, instance("i-1", "{\"v\":3}"), instance("i-9", "{}"));
    assertThat(said(changes(first, Optional.empty(), false)))
        .containsExactly("REMOVED i-0[][]", "MODIFIED i-1[ v 1 3][]", "ADDED i-9[][]");
    assertThat(said(changes(first, Optional.of(second), false)))
        .containsExactly("REMOVED i-0[][]", "MODIFIED i-1[ v 1 2][]", "ADDED i-9[][]");
    assertThat(said(changes(second, Optional.of(third), false)))
        .containsExactly("MODIFIED i-1[ v 2 3][]");
    assertThat(changes(third, Optional.empty(), false)).isEmpty();
  }

  @Test
  void tagsAreAChangeUnlessTheyAreIgnored() {
    Instant first = scan(INSTANCES, Samples.resource(INSTANCES, "i-1", "{}", Map.of("Owner", "a")));
    scan(INSTANCES, Samples.resource(INSTANCES, "i-1", "{}", Map.of("Owner", "b")));
    assertThat(said(changes(first, Optional.empty(), false)))
        .containsExactly("MODIFIED i-1[][tag:Owner]");
    assertThat(changes(first, Optional.empty(), true)).isEmpty();
  }

  @Test
  void whatChangesByItselfIsNoChangeThoughSomethingElseIsOne() {
    String queue =
        "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"%d\",\"DelaySeconds\":\"%d\"}}";
    Instant first = scan(QUEUES, Samples.resource(QUEUES, "q", queue.formatted(1, 0)));
    scan(QUEUES, Samples.resource(QUEUES, "q", queue.formatted(99, 5)));
    assertThat(said(changes(first, Optional.empty(), false)))
        .containsExactly("MODIFIED q[ Attributes.DelaySeconds \"0\" \"5\"][]");
  }

  @Test
  void whatOneOfTheScansCouldNotSeeIsNoChange() {
    Instant first =
        scan(
            QUEUES,
            Samples.resource(
                QUEUES, "q", "{\"v\":1,\"FreewayNotSeen\":[\"Attributes\",\"Tags\"]}", Map.of()));
    Instant second =
        scan(
            QUEUES,
            Samples.resource(
                QUEUES,
                "q",
                "{\"v\":2,\"Attributes\":{\"a\":\"b\"},\"Tags\":{\"Owner\":\"a\"}}",
                Map.of("Owner", "a")));
    scan(QUEUES, Samples.resource(QUEUES, "q", "{\"v\":3,\"FreewayNotSeen\":[\"Attributes\"]}"));
    assertThat(said(changes(first, Optional.of(second), false)))
        .containsExactly("MODIFIED q[ v 1 2][]");
    assertThat(said(changes(second, Optional.empty(), false)))
        .containsExactly("MODIFIED q[ v 2 3][tag:Owner]");
  }

  @Test
  void eachAccountIsComparedByItsOwnScans() {
    Instant mine = scan(INSTANCES, instance("i-1", "{\"v\":1}"));
    scan(INSTANCES, instance("i-1", "{\"v\":2}"));
    Instant theirs = scan(OTHERS, Samples.resource(OTHERS, "o-1", "{\"v\":1}"));
    scan(OTHERS, Samples.resource(OTHERS, "o-1", "{\"v\":2}"));
    Comparison newest = comparison("", "");
    assertThat(newest.since()).isEqualTo(Map.of(Samples.ACCOUNT, mine, OTHER, theirs));
    assertThat(changes(newest)).containsExactly("MODIFIED i-1[ v 1 2][]", "MODIFIED o-1[ v 1 2][]");
    // Of the other account nothing was known before its time; it is not compared backwards.
    assertThat(changes(comparison("", "scan 2"))).containsExactly("MODIFIED i-1[ v 1 2][]");
    assertThat(changes(comparison("scan 1", "scan 3")))
        .containsExactly("MODIFIED i-1[ v 1 2][]", "ADDED o-1[][]");
  }

  private Comparison comparison(String from, String to) {
    return Comparison.of(
        store,
        store.scans(),
        List.of(Samples.ACCOUNT, OTHER),
        from,
        to,
        clock.instant(),
        ZoneOffset.UTC);
  }

  private List<String> changes(Comparison comparison) {
    return said(comparison.changes(store, CATALOG, ResourceFilter.CURRENT, false));
  }
}
