package dev.freeway.controlplane.ask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.store.Databases;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreKnownTest {
  private static final Scope INSTANCES = Samples.scope("ec2", "eu-west-1", "instance");

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void knowsTheTagsOfWhatIsThereWhereTheirValuesAreFew(boolean postgresql) {
    StoreAddress address =
        postgresql
            ? Databases.postgresql()
            : new StoreAddress.Sqlite(directory.resolve("inventory.db"));
    Store store = Store.open(address);
    assertThat(StoreKnown.of(store).tags()).isEmpty();
    scan(store, Map.of("Owner", "Gone", "Old", "x"), 1);
    scan(store, Map.of("Owner", "Bob"), 201);

    Known known = StoreKnown.of(store);
    assertThat(known.tags()).containsOnlyKeys("Owner", "200").containsEntry("Owner", Set.of("bob"));
    assertThat(known.tags().get("200")).hasSize(200).contains("v-0", "v-199");
    assertThat(known.accounts()).isEqualTo(Map.of("prod", Samples.ACCOUNT));
    assertThat(known.isName("i-7-of-201")).isTrue();
    assertThat(known.isName("i-0-of-2")).isFalse();
    assertThat(known.isName("purple")).isFalse();
  }

  /** So many instances, each with the tags, and with others that differ. */
  private static void scan(Store store, Map<String, String> tags, int instances) {
    try (ScanWriter writer = Samples.scan(store, Instant.now())) {
      for (int i = 0; i < instances; i++) {
        Map<String, String> all = new java.util.HashMap<>(tags);
        if (instances > 200) {
          all.put("Name", "V-" + i);
          all.put("200", "V-" + i % 200);
        }
        writer.seen(
            Samples.resource(INSTANCES, "i-" + i + "-of-" + instances, "{}", all), List.of());
      }
      writer.whole(INSTANCES);
      writer.finish(Scan.Status.COMPLETE, Instant.now());
    }
  }
}
