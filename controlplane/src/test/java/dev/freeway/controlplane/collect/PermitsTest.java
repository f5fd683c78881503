package dev.freeway.controlplane.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

class PermitsTest {
  private static Thread waiting(Permits permits, DoubleSupplier urgency, Runnable then) {
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    permits.acquire(urgency);
                    then.run();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return thread;
  }

  @Test
  void theMostUrgentGoesFirstAndOfEqualsTheOneThatCameFirst() throws InterruptedException {
    Permits permits = new Permits(1);
    permits.acquire(() -> 1);
    LinkedBlockingQueue<String> order = new LinkedBlockingQueue<>();
    AtomicInteger growing = new AtomicInteger(1);
    List<Thread> all =
        List.of(
            waiting(permits, () -> 1, () -> order.add("first")),
            waiting(permits, () -> 1, () -> order.add("second")),
            waiting(permits, () -> 2, () -> order.add("urgent")),
            waiting(permits, growing::get, () -> order.add("grown")));
    growing.set(3); // while it waits
    for (String next : List.of("grown", "urgent", "first", "second")) {
      permits.release();
      assertThat(order.poll(10, TimeUnit.SECONDS)).isEqualTo(next);
    }
    for (Thread one : all) {
      one.join();
    }
  }

  @Test
  void whoStopsToWaitLosesNobodysPlace() throws InterruptedException {
    Permits permits = new Permits(1);
    permits.acquire(() -> 1);
    CountDownLatch through = new CountDownLatch(1);
    AtomicBoolean gotIt = new AtomicBoolean();
    Thread urgent = waiting(permits, () -> 2, () -> gotIt.set(true));
    Thread other = waiting(permits, () -> 1, through::countDown);
    urgent.interrupt();
    permits.release();
    urgent.join();
    if (gotIt.get()) { // it was told before it was interrupted
      permits.release();
    }
    assertThat(through.await(10, TimeUnit.SECONDS)).isTrue();
    other.join();
  }

  @Test
  void thereAreNeverMoreThanPlacesAndEverybodyGetsThrough() throws Exception {
    Permits permits = new Permits(3);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Future<Integer>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 3_000; i++) {
        double urgency = i % 7;
        all.add(
            threads.submit(
                () -> {
                  permits.acquire(() -> urgency);
                  int inside = now.incrementAndGet();
                  most.accumulateAndGet(inside, Math::max);
                  Thread.onSpinWait();
                  now.decrementAndGet();
                  permits.release();
                  return inside;
                }));
      }
      for (Future<Integer> one : all) {
        assertThat(one.get(30, TimeUnit.SECONDS)).isBetween(1, 3);
      }
    }
    assertThat(most.get()).isLessThanOrEqualTo(3);
  }
}
