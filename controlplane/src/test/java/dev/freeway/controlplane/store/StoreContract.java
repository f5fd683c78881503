package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What both databases promise. */
abstract class StoreContract {
  private static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");
  private static final Scope ELSEWHERE = Samples.scope("ec2", "us-east-1", "instance");
  private static final Scope BUCKETS = Samples.scope("s3", "eu-west-1", "bucket");

  protected final Clock clock = new Clock();
  protected Store store;

  /** An empty database. */
  abstract StoreAddress address();

  @BeforeEach
  void open() {
    store = Store.open(address(), clock);
  }

  @Test
  void keepsWhatWasSeen() {
    Resource instance =
        new Resource(
            INSTANCES,
            "i-1",
            "arn:aws:ec2:eu-west-1:123456789012:instance/i-1",
            "web",
            true,
            Optional.of(Instant.parse("2025-05-05T05:05:05Z")),
            "vpc-1",
            new TreeMap<>(Map.of("Owner", "ünï", "aws:x", "")),
            "{\"InstanceId\":\"i-1\"}");
    Instant started = clock.instant();
    scanned(List.of(instance), List.of(INSTANCES));

    StoredResource stored = only();
    assertThat(stored.resource()).isEqualTo(instance);
    assertThat(stored.firstSeen()).isEqualTo(started);
    assertThat(stored.lastSeen()).isEqualTo(started);
    assertThat(stored.gone()).isEmpty();
    Scan scan = store.scans().getFirst();
    assertThat(scan)
        .isEqualTo(
            new Scan(
                stored.scan(),
                Samples.ACCOUNT,
                "prod",
                started,
                Optional.of(started),
                Scan.Status.COMPLETE,
                List.of("eu-west-1"),
                List.of("ec2"),
                List.of(),
                1));
    assertThat(store.check()).isEmpty();
  }

  @Test
  void makesAVersionOnlyWhenSomethingChanged() {
    Instant first = clock.instant();
    scanned(List.of(instance("i-1", "{\"State\":1}")), List.of(INSTANCES));
    clock.pass(10);
    scanned(List.of(instance("i-1", "{\"State\":1}")), List.of(INSTANCES));
    Instant third = clock.pass(10);
    scanned(List.of(instance("i-1", "{\"State\":2}")), List.of(INSTANCES));
    Instant fourth = clock.pass(10);
    Resource tagged = Samples.resource(INSTANCES, "i-1", "{\"State\":2}", Map.of("Owner", "me"));
    scanned(List.of(tagged), List.of(INSTANCES));
    clock.pass(10);

    assertThat(store.history(INSTANCES, "i-1"))
        .extracting(Version::since, Version::document, version -> version.tags().size())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(first, "{\"State\":1}", 0),
            org.assertj.core.groups.Tuple.tuple(third, "{\"State\":2}", 0),
            org.assertj.core.groups.Tuple.tuple(fourth, "{\"State\":2}", 1));
    assertThat(only().resource()).isEqualTo(tagged);
    assertThat(only().firstSeen()).isEqualTo(first);
    assertThat(only().lastSeen()).isEqualTo(fourth);
    assertThat(read(ResourceFilter.CURRENT.at(third.minusMillis(1))))
        .extracting(stored -> stored.resource().document())
        .containsExactly("{\"State\":1}");
  }

  @Test
  void whatDoesNotCountIsKeptUpToDateAndMakesNoVersion() {
    java.util.function.UnaryOperator<String> lasting =
        document -> document.replaceAll(",\"Used\":\\d+", "");
    Instant first = clock.instant();
    for (String document :
        List.of(
            "{\"State\":1,\"Used\":1}",
            "{\"State\":1,\"Used\":2}",
            "{\"State\":1,\"Used\":3}",
            "{\"State\":2,\"Used\":3}",
            "{\"State\":2,\"Used\":4}")) {
      try (ScanWriter writer = Samples.scan(store, clock.instant())) {
        writer.seen(instance("i-1", document), List.of(), lasting);
        writer.finish(Scan.Status.COMPLETE, clock.instant());
      }
      clock.pass(10);
    }
    assertThat(store.history(INSTANCES, "i-1"))
        .extracting(Version::since, Version::document)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(first, "{\"State\":1,\"Used\":3}"),
            org.assertj.core.groups.Tuple.tuple(first.plusSeconds(30), "{\"State\":2,\"Used\":4}"));
    assertThat(only().resource().document()).isEqualTo("{\"State\":2,\"Used\":4}");
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      assertThat(writer.last(INSTANCES, List.of("i-1", "i-2")))
          .hasSize(1)
          .hasEntrySatisfying("i-1", last -> assertThat(last.document()).contains("\"Used\":4"));
      assertThat(writer.last(INSTANCES, List.of("i-2"))).isEmpty();
      writer.whole(INSTANCES);
      assertThat(writer.last(INSTANCES, List.of("i-1"))).isEmpty();
    }
    assertThat(store.check()).isEmpty();
  }

  @Test
  void anotherOrderOfMembersIsNoOtherVersion() {
    Instant first = clock.instant();
    scanned(List.of(instance("i-1", "{\"A\":1,\"B\":{\"C\":2,\"D\":[3,4]}}")), List.of());
    String turned = "{\"B\":{\"D\":[3,4],\"C\":2},\"A\":1}";
    clock.pass(10);
    scanned(List.of(instance("i-1", turned)), List.of());
    assertThat(store.history(INSTANCES, "i-1")).extracting(Version::since).containsExactly(first);
    assertThat(only().resource().document()).isEqualTo(turned);
    clock.pass(10);
    scanned(List.of(instance("i-1", turned.replace("3,4", "4,3"))), List.of());
    assertThat(store.history(INSTANCES, "i-1")).hasSize(2);
  }

  @Test
  void manyTypesMayAskForLastVersionsAtOnce() throws InterruptedException, ExecutionException {
    scanned(List.of(instance("i-1", "{}")), List.of(INSTANCES));
    try (ScanWriter writer = Samples.scan(store, clock.instant());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Map<String, Version>>> asked =
          Collections.nCopies(400, () -> writer.last(INSTANCES, List.of("i-1")));
      for (Future<Map<String, Version>> last : threads.invokeAll(asked)) {
        assertThat(last.get()).containsOnlyKeys("i-1");
      }
    }
  }

  @Test
  void retiresOnlyWhatAWholeScopeDoesNotHave() {
    scanned(
        List.of(instance("i-1", "{}"), instance("i-2", "{}"), elsewhere("i-3"), bucket("b")),
        List.of(INSTANCES, ELSEWHERE, BUCKETS));
    Instant second = clock.pass(10);
    scanned(List.of(instance("i-1", "{}")), List.of(INSTANCES));

    assertThat(ids(ResourceFilter.CURRENT)).containsExactly("i-1", "i-3", "b");
    assertThat(read(ResourceFilter.CURRENT.andGone()))
        .filteredOn(stored -> stored.resource().id().equals("i-2"))
        .extracting(StoredResource::gone)
        .containsExactly(Optional.of(second));
  }

  @Test
  void retiresNothingWithoutAWholeScopeNorWithAFilter() {
    scanned(List.of(instance("i-1", "{}"), instance("i-2", "{}")), List.of(INSTANCES));
    clock.pass(10);
    scanned(List.of(instance("i-1", "{}")), List.of());
    clock.pass(10);
    try (ScanWriter writer = Samples.scan(store, clock.instant(), "Owner=me")) {
      writer.seen(instance("i-1", "{}"), List.of());
      writer.whole(INSTANCES);
      writer.finish(Scan.Status.COMPLETE, clock.instant());
    }
    assertThat(ids(ResourceFilter.CURRENT)).containsExactly("i-1", "i-2");
  }

  @Test
  void retiresInAllRegionsWhenTheListIsGlobal() {
    scanned(
        List.of(
            bucket("a"), Samples.resource(Samples.scope("s3", "us-east-1", "bucket"), "b", "{}")),
        List.of(Samples.scope("s3", Scope.GLOBAL, "bucket")));
    clock.pass(10);
    scanned(List.of(bucket("a")), List.of(Samples.scope("s3", Scope.GLOBAL, "bucket")));
    assertThat(ids(ResourceFilter.CURRENT)).containsExactly("a");
  }

  @Test
  void knowsWhatWasThereAtATime() {
    Instant first = clock.instant();
    scanned(List.of(instance("i-1", "{}"), instance("i-2", "{}")), List.of(INSTANCES));
    Instant second = clock.pass(10);
    scanned(List.of(instance("i-2", "{}")), List.of(INSTANCES));
    Instant third = clock.pass(10);
    scanned(List.of(instance("i-1", "{}"), instance("i-2", "{}")), List.of(INSTANCES));

    assertThat(at(first.minusMillis(1))).isEmpty();
    assertThat(at(first)).containsExactly("i-1", "i-2");
    assertThat(at(second)).containsExactly("i-2");
    assertThat(at(third)).containsExactly("i-1", "i-2");
    assertThat(store.history(INSTANCES, "i-1")).hasSize(1);
  }

  @Test
  void keepsWhatAnotherScanSawMeanwhile() {
    try (ScanWriter older = Samples.scan(store, clock.instant());
        ScanWriter newer = Samples.scan(store, clock.instant())) {
      clock.pass(10);
      newer.seen(instance("i-1", "{}"), List.of());
      newer.flush();
      older.seen(instance("i-2", "{}"), List.of());
      older.whole(INSTANCES);
      newer.whole(INSTANCES);
    }
    assertThat(ids(ResourceFilter.CURRENT)).containsExactly("i-1", "i-2");
  }

  @Test
  void retiresEvenWhenTheClockStandsOrGoesBack() {
    scanned(List.of(instance("i-1", "{}")), List.of(INSTANCES));
    clock.pass(-3600);
    scanned(List.of(), List.of(INSTANCES));
    assertThat(ids(ResourceFilter.CURRENT)).isEmpty();
    assertThat(store.check()).isEmpty();
  }

  @Test
  void charactersThatNoDatabaseTakesBreakNothing() throws SQLException {
    String hostile = "a\u0000b\uD800c\uDC00\uD83D\uDE00";
    String kept = "a\uFFFDb\uFFFDc\uFFFD\uD83D\uDE00";
    Resource resource =
        new Resource(
            INSTANCES,
            hostile,
            hostile,
            hostile,
            false,
            Optional.empty(),
            hostile,
            new TreeMap<>(Map.of(hostile, hostile)),
            "{\"A\":\"x\\u0000y\",\"B\":\"\\\\u0000\",\"C\":\"" + "\uD800" + "\"}");
    for (int i = 0; i < 2; i++) {
      try (ScanWriter writer = Samples.scan(store, clock.instant())) {
        writer.seen(resource, List.of(new Relation(INSTANCES, hostile, "A", hostile)));
        writer.called(
            new LedgerEntry(
                INSTANCES.account(),
                INSTANCES.region(),
                "ec2",
                "DescribeInstances",
                1,
                0,
                0,
                0,
                Duration.ZERO,
                LedgerEntry.Outcome.FAILED,
                hostile,
                hostile));
        writer.flush();
      }
      clock.pass(10);
    }
    assertThat(only().resource().id()).isEqualTo(kept);
    assertThat(only().resource().tags()).containsExactly(Map.entry(kept, kept));
    assertThat(store.history(INSTANCES, kept)).hasSize(1);
    try (Connection connection = store.reading();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT json_extract(details, '$.A'), json_extract(details, '$.B') FROM"
                    + " resources")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getString(1)).isEqualTo("x\uFFFDy");
      assertThat(row.getString(2)).isEqualTo("\\u0000");
    }
    assertThat(store.check()).isEmpty();
  }

  @Test
  void aScanThatRunsIsToldFromOneThatWasCutOff() {
    long id;
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      id = writer.id();
      assertThat(store.runs(id)).isTrue();
      assertThatThrownBy(() -> store.resume(writer.id()))
          .hasMessageContaining("scan " + id + " still runs")
          .hasMessageContaining("wait for its end");
      try (ScanWriter other = Samples.scan(store, clock.instant())) {
        assertThat(store.runs(other.id())).isTrue();
      }
    }
    assertThat(store.runs(id)).isFalse();
    try (ScanWriter writer = store.resume(id)) {
      assertThat(store.runs(id)).isTrue();
      writer.finish(Scan.Status.COMPLETE, clock.instant());
    }
    assertThat(store.runs(id)).isFalse();
  }

  @Test
  void resumesWhereAScanWasCutOff() {
    scanned(List.of(instance("i-1", "{}"), elsewhere("i-9")), List.of(INSTANCES, ELSEWHERE));
    clock.pass(10);
    long id;
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      id = writer.id();
      writer.seen(instance("i-1", "{}"), List.of());
      writer.whole(INSTANCES);
      writer.seen(elsewhere("i-2"), List.of());
      writer.called(entry(LedgerEntry.Outcome.STOPPED, 1));
      writer.flush();
      writer.seen(elsewhere("lost"), List.of());
    }
    assertThat(ids(ResourceFilter.CURRENT)).containsExactly("i-1", "i-2", "i-9");
    assertThat(store.scans().getFirst().status()).isEqualTo(Scan.Status.RUNNING);
    assertThat(store.ledger(id)).hasSize(1);

    clock.pass(10);
    try (ScanWriter writer = store.resume(id)) {
      assertThat(writer.id()).isEqualTo(id);
      assertThat(writer.covered()).containsExactly(INSTANCES);
      writer.seen(elsewhere("i-3"), List.of());
      writer.whole(ELSEWHERE);
      writer.finish(Scan.Status.COMPLETE, clock.instant());
    }
    assertThat(ids(ResourceFilter.CURRENT)).containsExactly("i-1", "i-2", "i-3");
    assertThat(store.ledger(id)).isEmpty();
    assertThat(store.scans().getFirst().resources()).isEqualTo(3);
    assertThatThrownBy(() -> store.resume(id))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("complete");
    assertThatThrownBy(() -> store.resume(77)).hasMessageContaining("no scan 77");
  }

  @Test
  void sumsTheLedger() {
    long id;
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      id = writer.id();
      writer.called(entry(LedgerEntry.Outcome.OK, 2));
      writer.called(entry(LedgerEntry.Outcome.DENIED, 1));
      writer.flush();
      writer.called(entry(LedgerEntry.Outcome.OK, 3));
      writer.finish(Scan.Status.PARTIAL, clock.instant());
    }
    assertThat(store.ledger(id))
        .containsExactly(entry(LedgerEntry.Outcome.DENIED, 1), entry(LedgerEntry.Outcome.OK, 5));
  }

  @Test
  void filtersByWhatPeopleAskFor() {
    scanned(
        List.of(
            Samples.resource(
                INSTANCES,
                "i-1",
                "{\"A\":{\"B\":[\"Shop-Frontend x\"]}}",
                Map.of("Owner", "ann", "Env", "prod")),
            Samples.resource(INSTANCES, "i-2", "{}", Map.of("Owner", "bob", "Env", "prod")),
            Samples.resource(BUCKETS, "b-2", "{\"Frontend\":\"no\"}", Map.of("Owner", ""))),
        List.of());

    assertThat(ids(ResourceFilter.CURRENT.ofServices("s3"))).containsExactly("b-2");
    assertThat(ids(ResourceFilter.CURRENT.ofTypes("instance").inRegions("eu-west-1", "x")))
        .containsExactly("i-1", "i-2");
    assertThat(ids(ResourceFilter.CURRENT.inAccounts("999999999999"))).isEmpty();
    assertThat(ids(ResourceFilter.CURRENT.tagged("Owner"))).containsExactly("i-1", "i-2", "b-2");
    assertThat(ids(ResourceFilter.CURRENT.tagged("Owner", "ann", "eve").tagged("Env", "prod")))
        .containsExactly("i-1");
    assertThat(ids(ResourceFilter.CURRENT.with("shop-front"))).containsExactly("i-1");
    assertThat(ids(ResourceFilter.CURRENT.with("frontend"))).containsExactly("i-1");
    assertThat(ids(ResourceFilter.CURRENT.with("i-2"))).containsExactly("i-2");
    assertThat(ids(ResourceFilter.CURRENT.with("bob eu"))).containsExactly("i-2");
    assertThat(ids(ResourceFilter.CURRENT.with("nothing \"' OR *"))).isEmpty();
    assertThat(store.tags())
        .contains(new TagCount("Env", "prod", 2), new TagCount("Owner", "ann", 1))
        .hasSize(4);
  }

  @Test
  void forgetsTagsRelationsAndWordsOfOldVersions() {
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      writer.seen(
          Samples.resource(INSTANCES, "i-1", "{\"SubnetId\":\"subnet-old\"}", Map.of("a", "b")),
          List.of(new Relation(INSTANCES, "i-1", "SubnetId", "subnet-old")));
      writer.flush();
      writer.seen(
          Samples.resource(INSTANCES, "i-1", "{\"SubnetId\":\"subnet-new\"}", Map.of("c", "d")),
          List.of(new Relation(INSTANCES, "i-1", "SubnetId", "subnet-new")));
      writer.flush();
    }
    assertThat(store.relations("subnet-old").namedBy()).isEmpty();
    assertThat(store.relations("subnet-new").namedBy()).hasSize(1);
    assertThat(store.tags()).containsExactly(new TagCount("c", "d", 1));
    assertThat(ids(ResourceFilter.CURRENT.with("subnet old"))).isEmpty();
    assertThat(ids(ResourceFilter.CURRENT.with("subnet new"))).containsExactly("i-1");
  }

  @Test
  void findsRelationsBothWaysByIdAndArn() {
    Scope targets = Samples.scope("elbv2", "eu-west-1", "target-group");
    Resource group = Samples.resource(targets, "tg", "{}");
    Relation byArn = new Relation(INSTANCES, "i-1", "X", group.arn());
    Relation byId = new Relation(targets, "tg", "Y", "i-1");
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      writer.seen(instance("i-1", "{}"), List.of(byArn, byArn));
      writer.seen(group, List.of(byId));
      writer.flush();
    }
    assertThat(store.relations("tg")).isEqualTo(new Neighbours(List.of(byId), List.of(byArn)));
    assertThat(store.relations(group.arn()))
        .isEqualTo(new Neighbours(List.of(byId), List.of(byArn)));
    assertThat(store.relations("i-1")).isEqualTo(new Neighbours(List.of(byArn), List.of(byId)));
    assertThat(store.relations("nobody")).isEqualTo(new Neighbours(List.of(), List.of()));
  }

  @Test
  void takesManyFromManyThreads() throws InterruptedException {
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int first = t * 700;
        threads.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int i = first; i < first + 800; i++) { // a hundred overlap
                        writer.seen(instance("i-" + i, "{\"N\":" + i + "}"), List.of());
                      }
                      writer.called(entry(LedgerEntry.Outcome.OK, 1));
                    }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      writer.whole(INSTANCES);
      writer.finish(Scan.Status.COMPLETE, clock.instant());
    }
    assertThat(ids(ResourceFilter.CURRENT)).hasSize(2900).doesNotHaveDuplicates();
    assertThat(store.scans().getFirst().resources()).isEqualTo(2900);
    assertThat(store.check()).isEmpty();
  }

  @Test
  void readsOneSnapshotWhileAScanWrites() {
    scanned(List.of(instance("i-1", "{}"), instance("i-2", "{}")), List.of(INSTANCES));
    try (Stream<StoredResource> stream = store.resources(ResourceFilter.CURRENT)) {
      var rows = stream.iterator();
      rows.next();
      clock.pass(10);
      scanned(List.of(), List.of(INSTANCES));
      assertThat(rows.next().resource().id()).isEqualTo("i-2");
    }
    assertThat(ids(ResourceFilter.CURRENT)).isEmpty();
  }

  @Test
  void refusesToWriteOnReadingConnections() throws SQLException {
    try (Connection connection = store.reading();
        Statement statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.executeUpdate("DELETE FROM resource"))
          .isInstanceOf(SQLException.class);
    }
  }

  @Test
  void runsAwsMapsSql() throws SQLException {
    scanned(
        List.of(
            Samples.resource(
                INSTANCES,
                "i-1",
                "{\"State\":{\"Name\":\"stopped\"},\"EbsOptimized\":false,\"N\":3}",
                Map.of("Owner", "ann")),
            instance("i-2", "{}")),
        List.of());
    clock.pass(10);
    scanned(List.of(instance("i-1", "{}")), List.of(INSTANCES));
    assertThat(
            sql(
                "SELECT scan_id, service, type, id, arn, name, region, account_id, is_default,"
                    + " is_current, details, tags, rowid FROM resources WHERE is_current = 0"))
        .hasSize(1);
    assertThat(
            sql(
                "SELECT r.name FROM resources r JOIN scans s ON r.scan_id = s.scan_id"
                    + " WHERE s.account_alias = 'prod' AND is_current=1 ORDER BY s.timestamp"))
        .containsExactly("i-1");
    assertThat(
            sql(
                "SELECT timestamp || '|' || resource_count || '|' || services_scanned || '|' ||"
                    + " regions_scanned || '|' || scanned_services || '|' || duration_seconds"
                    + " FROM scans ORDER BY timestamp LIMIT 1"))
        .first()
        .asString()
        .startsWith("2026-01-01 00:00:00 UTC|2|1|1|[\"ec2\"]|0");
    assertThat(sql("SELECT count(*) FROM scans WHERE incomplete_services IS NULL"))
        .containsExactly("2");
  }

  @Test
  void refusesANewerSchema() {
    Database database = Database.of(store.address());
    List<String> more = new ArrayList<>(database.migrations());
    more.add("CREATE TABLE further (id INTEGER)");
    database.migrate(more);
    database.migrate(more); // a second time does nothing
    assertThatThrownBy(() -> Store.open(store.address()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("newer");
    assertThatThrownBy(() -> Store.existing(store.address())).hasMessageContaining("newer");
  }

  @Test
  void leavesTheSchemaWhenAMigrationFails() {
    Database database = Database.of(store.address());
    List<String> more = new ArrayList<>(database.migrations());
    more.add("CREATE TABLE further (id INTEGER); CREATE NONSENSE");
    assertThatThrownBy(() -> database.migrate(more)).isInstanceOf(StoreException.class);
    assertThat(Store.open(store.address()).scans()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sighting (resource, scan, at) VALUES (99, 1, 1)",
        "version (id, resource, since, scan, tags, document) VALUES (99, 99, 1, 1, '{}', '{}')",
        "tag (resource, key, value) VALUES (99, 'Owner', 'me')",
        "relation (resource, path, target) VALUES (99, 'VpcId', 'vpc-1')"
      })
  void findsWhatBelongsToNoResource(String row) throws SQLException {
    Database database = Database.of(store.address());
    try (Connection connection = database.writing()) {
      database.begin(connection);
      Database.execute(connection, "INSERT INTO " + row);
      database.commit(connection);
    }
    assertThat(store.check())
        .singleElement()
        .asString()
        .startsWith("table " + row.substring(0, row.indexOf(' ')))
        .endsWith("in resource is missing");
  }

  protected List<String> sql(String sql) throws SQLException {
    try (Connection connection = store.reading();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      List<String> first = new ArrayList<>();
      while (row.next()) {
        first.add(row.getString(1));
      }
      return first;
    }
  }

  private void scanned(List<Resource> resources, List<Scope> whole) {
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      resources.forEach(resource -> writer.seen(resource, List.of()));
      whole.forEach(writer::whole);
      writer.finish(Scan.Status.COMPLETE, clock.instant());
    }
  }

  private List<StoredResource> read(ResourceFilter filter) {
    try (Stream<StoredResource> stream = store.resources(filter)) {
      return stream.toList();
    }
  }

  private List<String> ids(ResourceFilter filter) {
    return read(filter).stream().map(stored -> stored.resource().id()).toList();
  }

  private List<String> at(Instant time) {
    try (Stream<StoredResource> stream = store.current(time)) {
      return stream.map(stored -> stored.resource().id()).toList();
    }
  }

  private StoredResource only() {
    List<StoredResource> all = read(ResourceFilter.CURRENT);
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  private static Resource instance(String id, String document) {
    return Samples.resource(INSTANCES, id, document);
  }

  private static Resource elsewhere(String id) {
    return Samples.resource(ELSEWHERE, id, "{}");
  }

  private static Resource bucket(String id) {
    return Samples.resource(BUCKETS, id, "{}");
  }

  private static LedgerEntry entry(LedgerEntry.Outcome outcome, long calls) {
    return new LedgerEntry(
        Samples.ACCOUNT,
        "eu-west-1",
        "ec2",
        "DescribeInstances",
        calls,
        calls,
        10 * calls,
        0,
        Duration.ofMillis(5 * calls),
        outcome,
        outcome.hides() ? "X" : "",
        "");
  }
}
