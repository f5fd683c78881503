package dev.freeway.controlplane.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Clock;
import dev.freeway.controlplane.store.Samples;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreAddress;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two scans, an hour apart, of a minute each; an hour after the second began is now. */
class ComparisonTest {
  private final Clock clock = new Clock();
  private final Instant start = clock.instant();
  private final Store store;

  ComparisonTest(@TempDir Path directory) {
    store = Store.open(new StoreAddress.Sqlite(directory.resolve("inventory.db")), clock);
    for (int i = 0; i < 2; i++) {
      try (ScanWriter writer = Samples.scan(store, clock.instant())) {
        writer.finish(Scan.Status.COMPLETE, clock.pass(60));
      }
      clock.pass(3540);
    }
  }

  private Comparison between(String from, String to) {
    return Comparison.of(
        store, store.scans(), List.of(Samples.ACCOUNT), from, to, clock.instant(), ZoneOffset.UTC);
  }

  private Instant since(String from, String to) {
    return Objects.requireNonNull(between(from, to).since().get(Samples.ACCOUNT));
  }

  @Test
  void readsScansAndTimes() {
    assertThat(since("", "")).isEqualTo(start.plusSeconds(60)).isEqualTo(since("scan 1", "scan 2"));
    assertThat(between("", "").until()).isEmpty();
    assertThat(between("scan:1", "scan 2").until()).isEqualTo(Optional.of(start.plusSeconds(3660)));
    assertThat(since("90m", "30m")).isEqualTo(start.plusSeconds(1800));
    assertThat(between("2d", "today").until().orElseThrow()).isAfter(clock.instant());
    assertThat(between("2d", "now").until()).hasValue(clock.instant());
  }

  @Test
  void withoutAnAccountThereIsNothingToCompare() {
    Comparison none =
        Comparison.of(
            store, store.scans(), List.of(), "", "scan 1", clock.instant(), ZoneOffset.UTC);
    assertThat(none.since()).isEmpty();
    assertThat(none.until()).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          now        | ''         | from now: expected a time before now
          scan 2     | scan 1     | from scan 2: expected a time before to scan 1, which is
          scan 1     | scan 1     | from scan 1: expected a time before to scan 1, which is
          1h         | 2h         | from 1h: expected a time before to 2h, which is
          9999-01-01 | ''         | from 9999-01-01: expected a time that has been
          ''         | 9999-01-01 | to 9999-01-01: expected a time that has been
          1d         | 9999-01-01 | to 9999-01-01: expected a time that has been
          ''         | 2001-01-01 | to 2001-01-01: expected a time after
          ''         | scan 1     | to scan 1: expected a time after
          scan 99    | ''         | from scan 99: no such scan; expected one that freeway scans lists
          scan 1     | scan 3     | to scan 3: no such scan; expected one that freeway scans lists
          7days      | ''         | from 7days: expected a day as 2026-01-31
          7days      | ''         | or 'scan 3' for what that scan left
          ''         | soon       | to soon: expected a day as 2026-01-31
          """)
  void saysWhatWouldBeRight(String from, String to, String message) {
    assertThatThrownBy(() -> between(from, to))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
