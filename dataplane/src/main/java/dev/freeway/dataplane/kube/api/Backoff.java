package dev.freeway.dataplane.kube.api;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: at most 20 ms before the first, so that one cut costs
 * little, then twice as long each time up to 5 s. All of it is random, or a restarted API server
 * would be asked by every router at the same moment.
 */
final class Backoff {
  private static final long FIRST_NANOS = Duration.ofMillis(20).toNanos();
  private static final long LONGEST_NANOS = Duration.ofSeconds(5).toNanos();

  private final RandomGenerator random;
  private int failures;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** Nanoseconds until the next attempt. */
  long next() {
    long most = Math.min(LONGEST_NANOS, FIRST_NANOS << Math.min(failures, 20));
    long least = failures == 0 ? 0 : most / 2;
    failures++;
    return random.nextLong(least, most + 1);
  }

  /** An attempt went well. */
  void reset() {
    failures = 0;
  }
}
