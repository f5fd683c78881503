package dev.freeway.controlplane.collect;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;

/**
 * Places among the requests that wait for an answer. A place that becomes free goes to the most
 * urgent of those that wait then, and of equals to the one that came first. Where many wait, a
 * sixteenth of them is chosen at once, for who asks all of them every time has no time for else.
 * Any thread may use it.
 */
final class Permits {
  private static final int SHARE = 16;

  private final Lock lock = new ReentrantLock();

  /** All who wait, as they came. */
  private final Set<Waiter> waiters = new LinkedHashSet<>();

  /** Those of them who are next. */
  private final Deque<Waiter> next = new ArrayDeque<>();

  private int free;

  private static final class Waiter {
    final DoubleSupplier urgency;
    final Condition turn;
    double asked;
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
   * @param urgency asked when a place is free: the higher, the sooner
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
        next.remove(waiter);
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
      if (next.isEmpty()) {
        choose();
      }
      Waiter waiter = next.remove();
      waiters.remove(waiter);
      waiter.hasPlace = true;
      waiter.turn.signal();
      free--;
    }
  }

  private void choose() {
    List<Waiter> all = new ArrayList<>(waiters);
    all.forEach(waiter -> waiter.asked = waiter.urgency.getAsDouble());
    all.sort(Comparator.comparingDouble((Waiter waiter) -> waiter.asked).reversed());
    next.addAll(all.subList(0, Math.max(1, all.size() / SHARE)));
  }
}
