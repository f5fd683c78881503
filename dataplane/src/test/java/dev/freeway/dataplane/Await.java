package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for a condition, with a deadline. */
public final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long PAUSE_NANOS = 2_000_000;

  private Await() {}

  /** Returns once the condition holds, and fails with the description when it never does. */
  public static void until(Supplier<String> description, BooleanSupplier condition) {
    until(DEADLINE, description, condition);
  }

  /** The same with another deadline. */
  public static void until(
      Duration deadline, Supplier<String> description, BooleanSupplier condition) {
    long end = System.nanoTime() + deadline.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        fail("waited " + deadline.toSeconds() + " s in vain: " + description.get());
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
