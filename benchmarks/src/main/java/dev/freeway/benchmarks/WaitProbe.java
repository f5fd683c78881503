package dev.freeway.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How long a thread that has nothing to do but wake up waits for a processor, while something else
 * is measured: no program is quicker than that.
 */
final class WaitProbe implements AutoCloseable {
  private static final long SLEEP = TimeUnit.MILLISECONDS.toNanos(1);

  private final List<Double> millis = new ArrayList<>();
  private final Thread thread = Thread.ofPlatform().daemon().name("probe").unstarted(this::run);
  private volatile boolean ended;

  static WaitProbe start() {
    WaitProbe probe = new WaitProbe();
    probe.thread.start();
    return probe;
  }

  private void run() {
    while (!ended) {
      long start = System.nanoTime();
      LockSupport.parkNanos(SLEEP);
      double late = (System.nanoTime() - start - SLEEP) / 1e6;
      synchronized (millis) {
        millis.add(late);
      }
    }
  }

  /** By how much it was late, each time until now, in milliseconds. */
  List<Double> millis() {
    synchronized (millis) {
      return new ArrayList<>(millis);
    }
  }

  @Override
  public void close() {
    ended = true;
  }
}
