package dev.freeway.controlplane.collect;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Time that passes only, and at once, when somebody waits. */
final class Simulated implements Waiting {
  private final AtomicLong nanos = new AtomicLong();

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public boolean goesOn(Duration wait, CountDownLatch stop) {
    nanos.addAndGet(wait.toNanos());
    return stop.getCount() > 0;
  }

  /** How much of it passed. */
  Duration passed() {
    return Duration.ofNanos(nanos.get());
  }
}
