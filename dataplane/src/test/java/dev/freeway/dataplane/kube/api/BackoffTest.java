package dev.freeway.dataplane.kube.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static long millis(long nanos) {
    return Duration.ofNanos(nanos).toMillis();
  }

  @Test
  void theFirstComesWithin20MillisecondsAndNoneLaterThan5Seconds() {
    for (int seed = 0; seed < 100; seed++) {
      Backoff backoff = new Backoff(new Random(seed));
      assertThat(millis(backoff.next())).isBetween(0L, 20L);
      for (long most = 40; most < 5000; most *= 2) {
        assertThat(millis(backoff.next())).isBetween(most / 2, most);
      }
      for (int i = 0; i < 100; i++) {
        assertThat(millis(backoff.next())).isBetween(2500L, 5000L);
      }
      backoff.reset();
      assertThat(millis(backoff.next())).isBetween(0L, 20L);
    }
  }

  @Test
  void routersDoNotAskAllAtOnce() {
    assertThat(
            Random.from(new Random(1))
                .longs(50)
                .map(seed -> new Backoff(new Random(seed)).next())
                .distinct()
                .count())
        .isEqualTo(50);
  }
}
