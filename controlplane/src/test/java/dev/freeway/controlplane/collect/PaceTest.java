package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PaceTest {
  private final AtomicLong clock = new AtomicLong(42);
  private final Pace pace = new Pace(20, 5, clock::get);

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  private Duration wait(int times) {
    Duration last = Duration.ZERO;
    for (int i = 0; i < times; i++) {
      last = pace.take();
    }
    return last;
  }

  @Test
  void aBurstIsFreeAndThenTheRateCounts() {
    assertThat(wait(5)).isZero();
    assertThat(pace.take()).isEqualTo(Duration.ofMillis(50));
    assertThat(wait(19)).isEqualTo(Duration.ofSeconds(1));
    pass(Duration.ofSeconds(2));
    assertThat(wait(5)).isZero();
    assertThat(pace.take()).isPositive();
  }

  /** They were under way together: fifty refusals are one word, not a rate of nothing. */
  @Test
  void manyRefusalsAtOnceHalveItOnce() {
    wait(5);
    for (int i = 0; i < 50; i++) {
      pace.refused();
    }
    assertThat(wait(10)).isEqualTo(Duration.ofSeconds(1)); // 10 a second
    pass(Duration.ofSeconds(1));
    pace.refused();
    assertThat(wait(5)).isEqualTo(Duration.ofSeconds(1)); // 5 a second
  }

  @Test
  void answersGiveItBackAndNoMore() {
    for (int i = 0; i < 20; i++) {
      pass(Duration.ofSeconds(1));
      pace.refused();
    }
    assertThat(pace.take()).isEqualTo(Duration.ofSeconds(2)); // never less than one in two seconds
    for (int i = 0; i < 200; i++) {
      pace.taken();
    }
    pass(Duration.ofMinutes(1));
    wait(5);
    assertThat(wait(20)).isEqualTo(Duration.ofSeconds(1));
  }
}
