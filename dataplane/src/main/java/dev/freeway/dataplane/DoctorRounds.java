package dev.freeway.dataplane;

import dev.freeway.dataplane.doctor.Finding;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the doctor found the last time. He looks when somebody asks, on a thread of his own, and not
 * again for a minute: he reads much of the machine, and starts programs.
 */
final class DoctorRounds {
  private static final Duration PAUSE = Duration.ofSeconds(60);

  private final Supplier<List<Finding>> examine;
  private final LongSupplier clock;
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile boolean ever;
  private volatile long beganNanos;
  private volatile Result result = new Result(false, List.of(), "");

  /**
   * What is known.
   *
   * @param looked whether he has looked at all
   * @param failure why he could not; empty when he could
   */
  record Result(boolean looked, List<Finding> findings, String failure) {}

  /**
   * A doctor who has not looked yet.
   *
   * @param clock in nanoseconds
   */
  DoctorRounds(Supplier<List<Finding>> examine, LongSupplier clock) {
    this.examine = examine;
    this.clock = clock;
  }

  /** What was found the last time; begins to look again when that was long ago. */
  Result latest() {
    long now = clock.getAsLong();
    if ((!ever || now - beganNanos >= PAUSE.toNanos()) && begun.compareAndSet(false, true)) {
      ever = true;
      beganNanos = now;
      Thread.ofPlatform().daemon().name("doctor").start(this::look);
    }
    return result;
  }

  private void look() {
    try {
      result = new Result(true, examine.get(), "");
    } catch (RuntimeException | LinkageError e) {
      result = new Result(true, List.of(), Failures.sentence(Failures.of(e)));
    } finally {
      begun.set(false);
    }
  }
}
