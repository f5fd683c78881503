package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class PaceTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final AtomicLong clock = new AtomicLong(42);
  private final Pace pace = new Pace(20, 40, clock::get);

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }

  /** Lets requests leave as early as they may; returns how long it took. */
  private Duration leave(Pace from, int requests) {
    long began = clock.get();
    for (int i = 0; i < requests; i++) {
      pass(from.early());
      from.leaves();
    }
    return Duration.ofNanos(clock.get() - began);
  }

  /** Requests a second in a second of its own, answered each. */
  private int inASecond(Pace from) {
    long end = clock.get() + SECOND;
    int requests = 0;
    for (Duration early = from.early(); clock.get() + early.toNanos() < end; early = from.early()) {
      pass(early);
      from.leaves();
      from.taken();
      requests++;
    }
    clock.set(end);
    return requests;
  }

  @Test
  void aBurstIsFreeAndThenTheRateCounts() {
    assertThat(leave(pace, 36)).isZero();
    assertThat(leave(pace, 1)).isEqualTo(Duration.ofMillis(50));
    assertThat(leave(pace, 19)).isEqualTo(Duration.ofMillis(950));
    pass(Duration.ofMinutes(1));
    assertThat(leave(pace, 36)).isZero();
    assertThat(leave(pace, 1)).isPositive();
  }

  /** AWS lets through what comes a little too early; what it counts is when requests arrive. */
  @Test
  void somethingOfTheBurstIsKeptForThoseThatAreFasterOnTheirWay() {
    for (double[] limit :
        new double[][] {{1, 2}, {2, 2}, {5, 5}, {10, 15}, {20, 100}, {100, 100}}) {
      long began = clock.get();
      Pace one = new Pace(limit[0], limit[1], clock::get);
      for (int i = 1; i <= 200; i++) {
        leave(one, 1);
        double seconds = (clock.get() - began) / (double) SECOND;
        double slack = Math.min(0.2, (limit[1] - 1) / limit[0]);
        assertThat((double) i).isLessThanOrEqualTo(limit[1] + limit[0] * (seconds - slack) + 0.001);
      }
    }
  }

  /** They were under way together: fifty refusals are one word, not a rate of nothing. */
  @Test
  void manyRefusalsOfWhatLeftTogetherCutItOnce() {
    leave(pace, 36);
    long left = pace.leaves();
    pass(Duration.ofMillis(50));
    for (int i = 0; i < 50; i++) {
      pace.refused(left);
    }
    assertThat(leave(pace, 14)).isCloseTo(Duration.ofSeconds(1), Duration.ofMillis(1)); // 14 / s
    long later = pace.leaves();
    pace.refused(left);
    pace.refused(later);
    assertThat(leave(pace, 48)).isCloseTo(Duration.ofSeconds(5), Duration.ofMillis(1)); // 9.8 / s
  }

  @Test
  void theRateComesBackSoonToNearWhereItWasRefusedAndThenSlowly() {
    leave(pace, 36);
    pace.refused(pace.leaves()); // 14 a second
    assertThat(inASecond(pace)).isBetween(14, 17);
    assertThat(inASecond(pace)).isBetween(16, 19);
    assertThat(inASecond(pace)).isBetween(17, 19);
    for (int i = 0; i < 6; i++) {
      inASecond(pace);
    }
    assertThat(inASecond(pace)).isEqualTo(20); // and no more than AWS publishes
    assertThat(inASecond(pace)).isEqualTo(20);
  }

  @Test
  void itNeverStops() {
    for (double[] limit : new double[][] {{1, 2, 4}, {20, 40, 2}}) {
      Pace one = new Pace(limit[0], limit[1], clock::get);
      for (int i = 0; i < 50; i++) {
        pass(one.early());
        one.refused(one.leaves());
        pass(Duration.ofNanos(1));
      }
      leave(one, 1);
      assertThat(leave(one, 1)).isEqualTo(Duration.ofSeconds((long) limit[2]));
    }
  }

  /** Somebody else uses the bucket too: most requests are to get through all the same. */
  @Test
  void whereAwsTakesLessThanItPublishesFewAreRefused() {
    double tokens = 10;
    long filled = clock.get();
    int taken = 0;
    int refused = 0;
    while (taken < 300) {
      pass(pace.early());
      long left = pace.leaves();
      tokens = Math.min(10, tokens + (left - filled) / (double) SECOND * 5);
      filled = left;
      if (tokens < 1) {
        pace.refused(left);
        refused++;
      } else {
        tokens -= 1;
        pace.taken();
        taken++;
      }
    }
    assertThat(refused).isLessThan(60);
    assertThat(Duration.ofNanos(clock.get() - 42))
        .isLessThan(Duration.ofSeconds(80)); // 58 at least
  }

  /** A hundred that wait for a second's 25 take four seconds; what is rare goes before that. */
  @Test
  void theLongerTheQueueTheMoreUrgentAndWhatIsTakenSeldomTheMost() throws Exception {
    Pace often = new Pace(25, 50, clock::get);
    assertThat(often.urgency()).isEqualTo(1);
    often.enter();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> queue = new ArrayList<>();
      for (int i = 1; i < 100; i++) {
        queue.add(
            threads.submit(
                () -> {
                  often.enter();
                  often.exit();
                  return null;
                }));
      }
      while (often.urgency() < 4) {
        Thread.onSpinWait();
      }
      assertThat(often.urgency()).isEqualTo(4);
      assertThat(new Pace(10, 40, clock::get).urgency()).isGreaterThan(4);
      queue.getLast().cancel(true); // who stops to wait no longer counts
      while (often.urgency() > 3.96) {
        Thread.onSpinWait();
      }
      often.exit();
      for (Future<?> one : queue.subList(0, queue.size() - 1)) {
        one.get();
      }
    }
    assertThat(often.urgency()).isEqualTo(1);
  }
}
