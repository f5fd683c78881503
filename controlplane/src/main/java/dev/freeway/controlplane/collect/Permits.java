package dev.freeway.controlplane.collect;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;

/**
 * Places among the requests that wait for an answer. A place that becomes free goes to the most
 * urgent of those that wait then, and of equals to the one that came first. Any thread may use it.
 */
final class Permits {
  private final Lock lock = new ReentrantLock();
  private final List<Waiter> waiters = new ArrayList<>();
  private int free;

  private static final class Waiter {
    final DoubleSupplier urgency;
    final Condition turn;
    boolean hasPlace;

    Waiter(DoubleSupplier urgency, Condition turn) {
      this.urgency = urgency;
      this.turn = turn;
    }
  }

  /** So many places. */
  Permits(int places) {
    this.free = places;
  }

  /**
   * Takes a place, as soon as there is one.
   *
   * @param urgency asked whenever a place is free: the higher, the sooner
   */
  void acquire(DoubleSupplier urgency) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Waiter waiter = new Waiter(urgency, lock.newCondition());
      waiters.add(waiter);
      hand();
      try {
        while (!waiter.hasPlace) {
          waiter.turn.await();
        }
      } catch (InterruptedException e) {
        waiters.remove(waiter);
        free += waiter.hasPlace ? 1 : 0;
        hand();
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives a place back. */
  void release() {
    lock.lock();
    try {
      free++;
      hand();
    } finally {
      lock.unlock();
    }
  }

  private void hand() {
    while (free > 0 && !waiters.isEmpty()) {
      Waiter next = waiters.getFirst();
      double highest = next.urgency.getAsDouble();
      for (Waiter waiter : waiters) {
        double urgency = waiter.urgency.getAsDouble();
        if (urgency > highest) {
          highest = urgency;
          next = waiter;
        }
      }
      waiters.remove(next);
      next.hasPlace = true;
      next.turn.signal();
      free--;
    }
  }
}
