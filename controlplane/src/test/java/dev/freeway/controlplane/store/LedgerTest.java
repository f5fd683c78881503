package dev.freeway.controlplane.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.LedgerEntry.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
  private static LedgerEntry call(String region, Outcome outcome, long n, String message) {
    return new LedgerEntry(
        Samples.ACCOUNT,
        region,
        "ec2",
        "DescribeVolumes",
        n,
        10 * n,
        100 * n,
        1000 * n,
        Duration.ofMillis(10_000 * n),
        outcome,
        "",
        message);
  }

  /** Within one batch and over several. */
  @Test
  void callsOfOneOutcomeAreOneEntryWithAllFigures(@TempDir Path directory) {
    Clock clock = new Clock();
    Store store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
    try (ScanWriter writer = Samples.scan(store, clock.instant())) {
      writer.called(call("us-east-1", Outcome.OK, 7, ""));
      writer.called(call("eu-west-1", Outcome.OK, 1, ""));
      writer.called(call("eu-west-1", Outcome.OK, 2, ""));
      writer.called(call("eu-west-1", Outcome.DENIED, 3, "first"));
      writer.called(call("eu-west-1", Outcome.DENIED, 1, "second"));
      writer.flush();
      writer.called(call("eu-west-1", Outcome.OK, 4, ""));
      writer.called(call("eu-west-1", Outcome.DENIED, 1, "third"));
      writer.flush();
    }
    assertThat(store.ledger(1))
        .isEqualTo(
            List.of(
                call("eu-west-1", Outcome.DENIED, 5, "third"),
                call("eu-west-1", Outcome.OK, 7, ""),
                call("us-east-1", Outcome.OK, 7, "")));
    assertThat(store.ledger(2)).isEmpty();
  }
}
