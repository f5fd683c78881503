package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.kube.InputStatus;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.Snapshot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RouterPagesTest {
  private static final long SECOND = 1_000_000_000L;

  private long now = 100 * SECOND;
  private long alive = now;
  private Snapshot snapshot = Snapshot.NONE;
  private final RouterPages pages =
      new RouterPages(
          () -> snapshot,
          () -> alive,
          () -> InputStatus.unread(0),
          () -> now,
          Duration.ofSeconds(1));

  private static Snapshot programmed(long dumpedNanos, ProgramError... errors) {
    return new Snapshot(
        List.of(), dumpedNanos, Set.of(), List.of(), List.of(errors), Optional.empty(), 0, 0, true);
  }

  @Test
  void healthyUntilTheWriterHasDoneNothingForTenIntervals() {
    now += 10 * SECOND;
    assertThat(pages.health().status()).isEqualTo(200);
    now++;
    assertThat(pages.health().status()).isEqualTo(503);
    alive = now;
    assertThat(pages.health().status()).isEqualTo(200);
  }

  @Test
  void readyWhenAWholeStateIsProgrammedAndTheKernelAnswers() {
    assertThat(pages.ready().status()).isEqualTo(503);
    snapshot = programmed(now);
    assertThat(pages.ready().status()).isEqualTo(200);
    now += 11 * SECOND;
    alive = now;
    assertThat(pages.ready().status()).isEqualTo(503);
  }

  @Test
  void readyWithNothingButRefusedServices() {
    snapshot = programmed(now, new ProgramError("program Service shop/web", 0, "no", "yes"));
    assertThat(pages.ready().status()).isEqualTo(200);
  }
}
