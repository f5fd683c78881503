package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.OtherJvm;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KillTest {
  private static final Scope BUCKETS = Samples.scope("s3", "eu-west-1", "bucket");

  @TempDir private Path directory;

  /** Kills after so many flushes, wherever the child is then: between two or within one. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 20})
  void aKilledScanLosesNothingThatWasFlushedAndHidesNothing(int flushes)
      throws IOException, InterruptedException {
    Path file = directory.resolve("inventory.db");
    Store store = Store.open(new StoreAddress.Sqlite(file));
    try (ScanWriter writer = Samples.scan(store, Instant.now())) {
      writer.seen(Samples.resource(KilledScan.INSTANCES, "i-before", "{}"), List.of());
      writer.seen(Samples.resource(BUCKETS, "b", "{}"), List.of());
      writer.whole(KilledScan.INSTANCES);
      writer.whole(BUCKETS);
      writer.finish(Scan.Status.COMPLETE, Instant.now());
    }

    int flushed = killAfter(flushes, file);

    Set<String> ids = ids(store);
    assertThat(ids).contains("i-before", "b", "i-0", "i-" + (flushed - 1));
    assertThat(ids.size()).isGreaterThanOrEqualTo(flushed + 2);
    assertThat(store.check()).isEmpty();
    Scan scan = store.scans().getFirst();
    assertThat(scan.status()).isEqualTo(Scan.Status.RUNNING);
    assertThat(scan.ended()).isEmpty();
    assertThat(store.runs(scan.id())).isFalse();
    assertThat(scan.resources()).isEqualTo(ids.size() - 2);

    try (ScanWriter writer = store.resume(scan.id())) {
      assertThat(writer.covered()).isEmpty();
      writer.seen(Samples.resource(KilledScan.INSTANCES, "i-0", "{}"), List.of());
      writer.whole(KilledScan.INSTANCES);
      writer.finish(Scan.Status.COMPLETE, Instant.now());
    }
    assertThat(ids(store)).doesNotContain("i-before").contains("b", "i-0").hasSize(ids.size() - 1);
    assertThat(store.check()).isEmpty();
  }

  private static int killAfter(int flushes, Path file) throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(OtherJvm.command(KilledScan.class, file.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    int flushed = 0;
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      for (int i = 0; i < flushes; i++) {
        flushed = Integer.parseInt(String.valueOf(lines.readLine()));
      }
      Store store = Store.existing(new StoreAddress.Sqlite(file));
      assertThat(store.runs(store.scans().getFirst().id())).isTrue();
    } finally {
      child.destroyForcibly(); // SIGKILL
    }
    assertThat(child.waitFor()).isEqualTo(137);
    return flushed;
  }

  private static Set<String> ids(Store store) {
    try (Stream<StoredResource> stream = store.resources(ResourceFilter.CURRENT)) {
      return stream.map(stored -> stored.resource().id()).collect(Collectors.toSet());
    }
  }

  @Test
  void aSecondWriterGoesOnWhereTheKilledOneHeldTheLock() throws IOException, InterruptedException {
    Path file = directory.resolve("inventory.db");
    killAfter(3, file);
    Store store = Store.open(new StoreAddress.Sqlite(file));
    try (ScanWriter writer = Samples.scan(store, Instant.now())) {
      writer.seen(Samples.resource(BUCKETS, "b", "{}"), List.of());
      writer.flush();
    }
    assertThat(ids(store)).contains("b", "i-0");
  }
}
