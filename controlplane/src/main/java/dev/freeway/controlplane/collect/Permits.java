package dev.freeway.controlplane.collect;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Places among the requests that wait for an answer. Those that AWS takes seldom go before the
 * others: what they wait for here, the whole scan waits for at its end. Any thread may use it.
 */
final class Permits {
  private final Lock lock = new ReentrantLock();
  private final Condition freeForSeldom = lock.newCondition();
  private final Condition freeForAll = lock.newCondition();
  private int free;
  private int seldomWaiting;

  /** So many places. */
  Permits(int places) {
    this.free = places;
  }

  /**
   * Takes a place, as soon as there is one.
   *
   * @param seldom whether AWS takes such a request seldom
   */
  void acquire(boolean seldom) throws InterruptedException {
    lock.lockInterruptibly();
    seldomWaiting += seldom ? 1 : 0;
    try {
      while (free == 0 || (!seldom && seldomWaiting > 0)) {
        (seldom ? freeForSeldom : freeForAll).await();
      }
      free--;
    } finally {
      seldomWaiting -= seldom ? 1 : 0;
      tell(); // a place that was given back meanwhile, to somebody who no longer waits
      lock.unlock();
    }
  }

  /** Gives a place back. */
  void release() {
    lock.lock();
    try {
      free++;
      tell();
    } finally {
      lock.unlock();
    }
  }

  private void tell() {
    if (free > 0) {
      (seldomWaiting > 0 ? freeForSeldom : freeForAll).signal();
    }
  }
}
