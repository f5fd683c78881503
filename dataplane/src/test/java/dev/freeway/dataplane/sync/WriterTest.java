package dev.freeway.dataplane.sync;

import static dev.freeway.dataplane.sync.Given.NAMESPACE;
import static dev.freeway.dataplane.sync.Given.RR;
import static dev.freeway.dataplane.sync.Given.desired;
import static dev.freeway.dataplane.sync.Given.key;
import static dev.freeway.dataplane.sync.Given.ready;
import static dev.freeway.dataplane.sync.Given.service;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Event;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class WriterTest {
  private static final Settings RARE_AUDITS =
      new Settings(
          Duration.ofSeconds(30), List.of(), false, 0.5, Duration.ofHours(1), Optional.empty());

  @TempDir private Path directory;
  private final FakeTable table = new FakeTable();
  private final BlockingQueue<Event> programmed = new LinkedBlockingQueue<>();

  private Writer writer(Settings settings, SyncListener listener) {
    Writer writer =
        new Writer(
            table,
            StateDirectory.open(directory),
            NAMESPACE,
            settings,
            System::nanoTime,
            BootClock.SYSTEM,
            listener);
    writer.start();
    return writer;
  }

  private SyncListener listener() {
    return new SyncListener() {
      @Override
      public void programmed(Event event, long nanos) {
        programmed.add(event);
      }
    };
  }

  private static Event event(int endpoint) {
    return new Event.DesiredReplaced(desired(service(1, RR, ready(endpoint))), System.nanoTime());
  }

  @Test
  void theFirstEventIsProgrammedAtOnceAndTheRestTogetherAfterIt() throws InterruptedException {
    CountDownLatch inKernel = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    table.beforeExecute =
        () -> {
          inKernel.countDown();
          await(release);
        };
    try (Writer writer = writer(RARE_AUDITS, listener())) {
      writer.submit(event(1));
      assertThat(inKernel.await(20, TimeUnit.SECONDS)).isTrue();
      writer.submit(event(2));
      writer.submit(event(3));
      writer.submit(event(4));
      release.countDown();
      for (int i = 0; i < 4; i++) {
        assertThat(programmed.poll(20, TimeUnit.SECONDS)).isNotNull();
      }
    }
    // Add service and one, then add four and delete one: two and three were never there.
    assertThat(table.log).hasSize(4);
    assertThat(table.service(key(1)).destinations()).hasSize(1);
  }

  @Test
  void closingLeavesTheTableServing() throws InterruptedException {
    Writer writer = writer(RARE_AUDITS, listener());
    writer.submit(event(1));
    assertThat(programmed.poll(20, TimeUnit.SECONDS)).isNotNull();
    var held = table.state();
    writer.close();
    writer.close();
    assertThat(table.state()).isEqualTo(held);
    assertThat(held.services()).hasSize(1);
  }

  @Test
  void auditsGoOnWithoutEvents() throws InterruptedException {
    CountDownLatch audits = new CountDownLatch(3);
    Settings often =
        new Settings(
            Duration.ofSeconds(30), List.of(), false, 0.5, Duration.ofMillis(1), Optional.empty());
    SyncListener counting =
        new SyncListener() {
          @Override
          public void audited(long nanos) {
            audits.countDown();
          }
        };
    try (Writer _ = writer(often, counting)) {
      assertThat(audits.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aDefectInOneTurnDoesNotEndTheLoop() throws InterruptedException {
    BlockingQueue<RuntimeException> defects = new LinkedBlockingQueue<>();
    SyncListener listener =
        new SyncListener() {
          @Override
          public void programmed(Event event, long nanos) {
            programmed.add(event);
          }

          @Override
          public void failed(RuntimeException defect) {
            defects.add(defect);
          }
        };
    try (Writer writer = writer(RARE_AUDITS, listener)) {
      table.beforeExecute =
          () -> {
            table.beforeExecute = () -> {};
            throw new IllegalStateException("defect");
          };
      writer.submit(event(1));
      assertThat(defects.poll(20, TimeUnit.SECONDS)).hasMessage("defect");
      writer.submit(event(2));
      assertThat(programmed.poll(20, TimeUnit.SECONDS)).isNotNull();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
