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
import org.junit.jupiter.api.Test;

class PermitsTest {
  private static Thread waiting(Permits permits, boolean seldom, Runnable then) {
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    permits.acquire(seldom);
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
  void thoseThatAreTakenSeldomGoFirst() throws InterruptedException {
    Permits permits = new Permits(1);
    permits.acquire(false);
    LinkedBlockingQueue<String> order = new LinkedBlockingQueue<>();
    Thread often = waiting(permits, false, () -> order.add("often"));
    Thread seldom = waiting(permits, true, () -> order.add("seldom"));
    permits.release();
    assertThat(order.poll(10, TimeUnit.SECONDS)).isEqualTo("seldom");
    permits.release();
    assertThat(order.poll(10, TimeUnit.SECONDS)).isEqualTo("often");
    often.join();
    seldom.join();
  }

  @Test
  void whoStopsToWaitLosesNobodysPlace() throws InterruptedException {
    Permits permits = new Permits(1);
    permits.acquire(true);
    CountDownLatch through = new CountDownLatch(1);
    AtomicBoolean gotIt = new AtomicBoolean();
    Thread seldom = waiting(permits, true, () -> gotIt.set(true));
    Thread often = waiting(permits, false, through::countDown);
    seldom.interrupt();
    permits.release();
    seldom.join();
    if (gotIt.get()) { // it was told before it was interrupted
      permits.release();
    }
    assertThat(through.await(10, TimeUnit.SECONDS)).isTrue();
    often.join();
  }

  @Test
  void thereAreNeverMoreThanPlacesAndEverybodyGetsThrough() throws Exception {
    Permits permits = new Permits(3);
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<Future<Integer>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 3_000; i++) {
        boolean seldom = i % 7 == 0;
        all.add(
            threads.submit(
                () -> {
                  permits.acquire(seldom);
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
