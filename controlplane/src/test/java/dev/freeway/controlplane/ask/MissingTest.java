package dev.freeway.controlplane.ask;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import dev.freeway.controlplane.query.Limits;
import dev.freeway.controlplane.query.QueryRunner;
import dev.freeway.controlplane.store.Databases;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where there are none of something, of where that can be known. */
class MissingTest {
  private static final String WHOLE = "111111111111";
  private static final String REFUSED = "222222222222";
  private static final String FILTERED = "333333333333";
  private static final String ONCE = "444444444444";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void onlyWhereEverythingOfThemWasReadThereAreNone(boolean postgresql) {
    Store store =
        Store.open(
            postgresql
                ? Databases.postgresql()
                : new StoreAddress.Sqlite(directory.resolve("inventory.db")));
    try (ScanWriter writer = begin(store, WHOLE, List.of())) {
      writer.whole(instances(WHOLE, "eu-west-1"));
      writer.whole(instances(WHOLE, "us-east-1"));
      writer.whole(new Scope(WHOLE, "s3", Scope.GLOBAL, "bucket"));
      writer.finish(Scan.Status.COMPLETE, Instant.now());
    }
    try (ScanWriter writer = begin(store, REFUSED, List.of())) {
      writer.whole(instances(REFUSED, "eu-west-1"));
      writer.called(call(REFUSED, LedgerEntry.Outcome.DENIED));
      writer.finish(Scan.Status.PARTIAL, Instant.now());
    }
    try (ScanWriter writer = begin(store, FILTERED, List.of("Owner=x"))) {
      writer.whole(instances(FILTERED, "eu-west-1"));
      writer.whole(instances(FILTERED, "us-east-1"));
      writer.finish(Scan.Status.COMPLETE, Instant.now());
    }
    try (ScanWriter writer = begin(store, ONCE, List.of())) {
      writer.called(call(ONCE, LedgerEntry.Outcome.THROTTLED));
      writer.finish(Scan.Status.PARTIAL, Instant.now());
    }
    assertThat(rows(store, "regions without instances"))
        .containsExactly(
            List.of("eu-west-1", WHOLE),
            List.of("eu-west-1", REFUSED),
            List.of("us-east-1", WHOLE));
    assertThat(rows(store, "accounts without instances")).containsExactly(List.of(WHOLE));
    assertThat(rows(store, "regions without buckets"))
        .as("a list of all regions was read to its end")
        .containsExactly(List.of("eu-west-1", WHOLE), List.of("us-east-1", WHOLE));
    assertThat(rows(store, "regions without queues")).isEmpty();

    try (ScanWriter writer = begin(store, ONCE, List.of())) {
      writer.whole(instances(ONCE, "eu-west-1"));
      writer.whole(instances(ONCE, "us-east-1"));
      writer.called(call(ONCE, LedgerEntry.Outcome.OK));
      writer.finish(Scan.Status.COMPLETE, Instant.now());
    }
    assertThat(rows(store, "accounts without instances"))
        .as("what was cut short was read since")
        .containsExactly(List.of(WHOLE), List.of(ONCE));
  }

  private static ScanWriter begin(Store store, String account, List<String> filter) {
    return store.begin(
        account, "", Instant.now(), List.of("eu-west-1", "us-east-1"), List.of("ec2"), filter);
  }

  private static Scope instances(String account, String region) {
    return new Scope(account, "ec2", region, "instance");
  }

  private static LedgerEntry call(String account, LedgerEntry.Outcome outcome) {
    return new LedgerEntry(
        account,
        "us-east-1",
        "ec2",
        "DescribeInstances",
        1,
        0,
        0,
        0,
        Duration.ofMillis(1),
        outcome,
        "",
        "");
  }

  private static List<List<Object>> rows(Store store, String question) {
    Ask ask = Ask.of(Catalog.builtIn(), store, InstantSource.system());
    if (!(ask.ask(question, Optional.empty()) instanceof Understanding.Understood yes)) {
      throw new AssertionError(question + ": not understood");
    }
    return new QueryRunner(store)
            .run(yes.sql(), Map.copyOf(yes.values()), new Limits(Duration.ofMinutes(1), 1000))
            .rows()
            .stream()
            .map(List::copyOf)
            .toList();
  }
}
