package dev.freeway.controlplane.tagging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.ResourceFilter;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TagAuditTest {
  private static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");
  private static final Scope BUCKETS = Samples.scope("s3", "eu-west-1", "bucket");

  private static Resource instance(String id, Map<String, String> tags) {
    return Samples.resource(INSTANCES, id, "{}", tags);
  }

  private static List<String> ids(TagAudit audit) {
    return audit.offenders().stream()
        .map(offender -> offender.resource().id() + offender.missing())
        .toList();
  }

  @Test
  void everyTagThatIsRequiredCounts() {
    TagAudit audit =
        TagAudit.of(
            Stream.of(
                instance("both", Map.of("Owner", "a", "Team", "b")),
                instance("one", Map.of("Owner", "a")),
                instance("blank", Map.of("Owner", " \t", "Team", "b")),
                Samples.resource(BUCKETS, "none", "{}"),
                Samples.resource(BUCKETS, "fine", "{}", Map.of("Owner", "a", "Team", "b"))),
            List.of("Owner", "Team"));
    assertThat(audit.overall()).isEqualTo(new Share(2, 5));
    assertThat(audit.byTag())
        .containsExactlyEntriesOf(
            new TreeMap<>(Map.of("Owner", new Share(3, 5), "Team", new Share(3, 5))));
    assertThat(audit.byService()).isEqualTo(Map.of("ec2", new Share(1, 3), "s3", new Share(1, 2)));
    assertThat(ids(audit)).containsExactly("one[Team]", "blank[Owner]", "none[Owner, Team]");
  }

  @Test
  void whereNoneIsRequiredAnyIsEnough() {
    TagAudit audit =
        TagAudit.of(
            Stream.of(instance("tagged", Map.of("x", "")), instance("bare", Map.of())), List.of());
    assertThat(audit.overall()).isEqualTo(new Share(1, 2));
    assertThat(ids(audit)).containsExactly("bare[]");
    assertThat(audit.byTag()).isEmpty();
  }

  /** A type that the catalogue does not know to have tags; where one has some, it counts. */
  @Test
  void whatCannotHaveTagsAndWhatAwsMadeDoNotCount(@TempDir Path directory) {
    Store store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")));
    Scope untaggable = Samples.scope("vpc", "eu-west-1", "no-such-type");
    try (ScanWriter writer = Samples.scan(store, Instant.now())) {
      writer.seen(instance("i", Map.of()), List.of());
      writer.seen(Samples.resource(untaggable, "cannot", "{}"), List.of());
      writer.seen(Samples.resource(untaggable, "has", "{}", Map.of("a", "b")), List.of());
      writer.seen(
          new Resource(
              INSTANCES, "aws", "", "aws", true, Optional.empty(), "", new TreeMap<>(), "{}"),
          List.of());
      writer.flush();
    }
    assertThat(audit(store, false).overall()).isEqualTo(new Share(1, 2));
    assertThat(ids(audit(store, false))).containsExactly("i[]");
    assertThat(ids(audit(store, true))).containsExactly("aws[]", "i[]");
  }

  private static TagAudit audit(Store store, boolean defaults) {
    return TagAudit.of(store, ResourceFilter.CURRENT, Catalog.builtIn(), List.of(), defaults);
  }

  @Test
  void percentsHaveOneDecimalAndNothingIsWhole() {
    assertThat(new Share(0, 0).percent()).isEqualTo(100);
    assertThat(new Share(2, 3).percent()).isEqualTo(66.7);
    assertThat(new Share(1, 8).percent()).isEqualTo(12.5);
    assertThat(new Share(0, 9).percent()).isZero();
  }
}
