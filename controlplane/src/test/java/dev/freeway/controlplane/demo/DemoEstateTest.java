package dev.freeway.controlplane.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogCheck;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import dev.freeway.controlplane.store.StoredResource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DemoEstateTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir private static Path directory;
  private static DemoEstate.Written written = new DemoEstate.Written(0, 0);
  private static StoreAddress address = new StoreAddress.Sqlite(Path.of("none"));

  @BeforeAll
  static void write() {
    address = new StoreAddress.Sqlite(directory.resolve("demo.db"));
    written = DemoEstate.write(address, DemoEstate.Size.USUAL, NOW);
  }

  private static List<StoredResource> all(StoreAddress in) {
    try (Stream<StoredResource> resources = Store.existing(in).resources(ResourceFilter.CURRENT)) {
      return resources.toList();
    }
  }

  @Test
  void isAsLargeAsItSays() {
    assertThat(all(address)).hasSize((int) written.resources()).hasSizeBetween(8_000, 16_000);
    assertThat(written.scans()).isEqualTo(9);
    assertThat(all(address).stream().map(each -> each.resource().scope().type()).distinct())
        .hasSizeGreaterThan(70);
  }

  @Test
  void itsScansAreAWeekApartAndTheNewestIsTheLast() {
    List<Scan> scans = Store.existing(address).scans();
    assertThat(scans).extracting(Scan::started).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(scans.stream().filter(scan -> scan.account().equals(DemoEstate.ACCOUNTS.getFirst())))
        .extracting(Scan::started)
        .containsExactly(
            NOW.minus(Duration.ofHours(1)),
            NOW.minus(Duration.ofHours(1)).minus(Duration.ofDays(7)),
            NOW.minus(Duration.ofHours(1)).minus(Duration.ofDays(14)));
  }

  @Test
  void everyMemberOfEveryDocumentIsOneThatAwsAnswers() {
    Map<String, ResourceType> types = new LinkedHashMap<>();
    for (ResourceType type : Catalog.builtIn().types()) {
      types.put(type.key(), type);
    }
    CatalogCheck check = new CatalogCheck(ServiceModel::of);
    JsonMapper json = JsonMapper.builder().build();
    Map<String, Set<String>> paths = new LinkedHashMap<>();
    for (StoredResource stored : all(address)) {
      Resource resource = stored.resource();
      String type = resource.scope().service() + ":" + resource.scope().type();
      paths(
          "",
          json.readTree(resource.document()),
          paths.computeIfAbsent(type, key -> new TreeSet<>()));
    }
    Set<String> faults = new TreeSet<>();
    paths.forEach(
        (type, found) -> {
          ResourceType known = types.get(type);
          assertThat(known).as(type).isNotNull();
          found.forEach(
              path -> {
                if (known != null && !ofTags(known, path)) {
                  check
                      .fault(known, dev.freeway.controlplane.catalog.Path.parse(path))
                      .ifPresent(faults::add);
                }
              });
        });
    assertThat(faults).isEmpty();
  }

  /** Lists and maps of tags, which some services give by another call and in another shape. */
  private static boolean ofTags(ResourceType type, String path) {
    String tags = type.tags().text();
    return !tags.isEmpty() && path.startsWith(tags);
  }

  private static void paths(String at, JsonNode node, Set<String> paths) {
    if (node.isObject()) {
      node.forEachEntry(
          (name, value) -> paths(at.isEmpty() ? name : at + "." + name, value, paths));
    } else if (node.isArray()) {
      node.forEach(element -> paths(at + "[]", element, paths));
    } else {
      paths.add(at);
    }
  }

  @Test
  void theSameSeedAndTimeMakeTheSameEstateAndOthersAnother() {
    DemoEstate.Size small = new DemoEstate.Size(1, 2, 7);
    List<Resource> one = resources("one.db", small);
    assertThat(resources("two.db", small)).isEqualTo(one);
    assertThat(resources("three.db", new DemoEstate.Size(1, 2, 8))).isNotEqualTo(one);
  }

  private static List<Resource> resources(String file, DemoEstate.Size size) {
    StoreAddress.Sqlite in = new StoreAddress.Sqlite(directory.resolve(file));
    DemoEstate.write(in, size, NOW);
    return all(in).stream().map(StoredResource::resource).toList();
  }

  @Test
  void thingsComeChangeAndGoBetweenScans() throws Exception {
    Store store = Store.existing(address);
    assertThat(store.scans()).hasSize(9);
    assertThat(store.check()).isEmpty();
    Instant lately = NOW.minusSeconds(86_400);
    assertThat(all(address).stream().filter(each -> each.firstSeen().isAfter(lately)))
        .hasSizeGreaterThan(20);
    assertThat(count(store, "SELECT count(*) FROM resources WHERE gone IS NOT NULL"))
        .isGreaterThan(20);
    assertThat(
            count(
                store,
                "SELECT count(*) FROM resource r JOIN version v ON v.resource = r.id"
                    + " WHERE v.since > r.first_seen"))
        .isGreaterThan(50);
    assertThat(count(store, "SELECT count(*) FROM relation")).isGreaterThan(10_000);
  }

  private static long count(Store store, String sql) throws Exception {
    try (var connection = store.reading();
        var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Test
  void someCallsWereRefused() {
    Store store = Store.existing(address);
    assertThat(store.scans()).extracting(Scan::status).contains(Scan.Status.PARTIAL);
    assertThat(store.scans().stream().flatMap(scan -> store.ledger(scan.id()).stream()))
        .extracting(LedgerEntry::outcome)
        .contains(
            LedgerEntry.Outcome.OK, LedgerEntry.Outcome.DENIED, LedgerEntry.Outcome.THROTTLED);
  }

  @Test
  void hostileNamesAreThereAsTheyAre() {
    assertThat(all(address))
        .extracting(each -> each.resource().name())
        .contains(Hostile.NAMES.get(0), Hostile.NAMES.get(2), Hostile.NAMES.get(8));
  }

  @Test
  void refusesMoreThanThereIs() {
    assertThatThrownBy(() -> new DemoEstate.Size(6, 3, 1))
        .hasMessageContaining("expected 1 to 5 of each");
  }
}
