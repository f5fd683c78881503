package dev.freeway.controlplane.collect;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** How time goes by for who has to wait: as it does, or as a test says. */
interface Waiting {
  /** The JDK's clock. */
  Waiting REAL =
      new Waiting() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public boolean goesOn(Duration wait, CountDownLatch stop) throws InterruptedException {
          return !stop.await(wait.toNanos(), TimeUnit.NANOSECONDS);
        }
      };

  /** A clock that never goes back. */
  long nanos();

  /** Waits; false at once when everything stops. */
  boolean goesOn(Duration wait, CountDownLatch stop) throws InterruptedException;
}
