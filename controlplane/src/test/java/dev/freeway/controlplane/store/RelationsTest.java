package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.Relation;
import dev.freeway.controlplane.inventory.Resource;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelationsTest {
  private static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");
  private static final Scope ROLES = Samples.scope("iam", "global", "role");

  private final Clock clock = new Clock();
  private final Store store;

  RelationsTest(@TempDir Path directory) {
    store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
  }

  private void scan(String... instances) {
    clock.pass(3600);
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      for (String id : instances) {
        writer.seen(
            Samples.resource(INSTANCES, id, "{}"),
            List.of(new Relation(INSTANCES, id, "Role", "reader")));
      }
      writer.seen(
          new Resource(
              ROLES, "reader", "", "reader", false, Optional.empty(), "", new TreeMap<>(), "{}"),
          List.of());
      writer.whole(INSTANCES);
      writer.finish(Scan.Status.COMPLETE, clock.instant());
    }
  }

  @Test
  void thoseOfWhatIsGoneAreNone() {
    scan("i-1", "i-2");
    assertThat(store.relations("reader").namedBy())
        .extracting(Relation::from)
        .containsExactly("i-1", "i-2");
    scan("i-2");
    assertThat(store.relations("reader").namedBy())
        .extracting(Relation::from)
        .containsExactly("i-2");
    assertThat(store.relations("i-1").names()).isEmpty();
    assertThat(store.relations()).extracting(Relation::from).containsExactly("i-2");
  }

  @Test
  void nobodysArnIsNobody() {
    scan("i-1");
    assertThat(store.relations("").namedBy()).isEmpty();
    assertThat(store.relations("").names()).isEmpty();
    assertThat(store.named("")).isEmpty();
  }
}
