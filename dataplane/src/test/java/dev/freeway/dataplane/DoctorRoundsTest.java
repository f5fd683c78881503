package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.doctor.FakeRoot;
import dev.freeway.dataplane.doctor.Finding;
import dev.freeway.dataplane.doctor.MachineReader;
import dev.freeway.dataplane.netlink.EmptyKernel;
import dev.freeway.dataplane.sync.StateDirectory;
import dev.freeway.dataplane.sync.TableLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DoctorRoundsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Finding FINDING =
      new Finding(Finding.Severity.WARNING, "name", "problem", "why", "command");

  private final AtomicLong now = new AtomicLong(7 * SECOND);
  private final AtomicInteger looks = new AtomicInteger();

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void heLooksOnAThreadOfHisOwnAndNotAgainForAMinute() {
    CountDownLatch asked = new CountDownLatch(1);
    AtomicReference<Thread> thread = new AtomicReference<>(Thread.currentThread());
    DoctorRounds rounds =
        new DoctorRounds(
            () -> {
              awaitUninterruptibly(asked);
              thread.set(Thread.currentThread());
              looks.incrementAndGet();
              return List.of(FINDING);
            },
            now::get);
    assertThat(rounds.latest().looked()).isFalse();
    asked.countDown();
    Await.until(() -> "nothing found", () -> rounds.latest().findings().equals(List.of(FINDING)));
    assertThat(thread.get()).isNotEqualTo(Thread.currentThread());
    now.addAndGet(59 * SECOND);
    assertThat(rounds.latest().looked()).isTrue();
    assertThat(looks).hasValue(1);
    now.addAndGet(2 * SECOND);
    Await.until(
        () -> "he does not look again",
        () -> {
          DoctorRounds.Result _ = rounds.latest();
          return looks.get() == 2;
        });
  }

  @Test
  void whyHeCouldNotLookIsToldAndHeTriesAgain() {
    DoctorRounds rounds =
        new DoctorRounds(
            () -> {
              throw new IllegalStateException("no /proc");
            },
            now::get);
    Await.until(() -> "no failure", () -> rounds.latest().failure().contains("no /proc"));
  }

  /** Who closes any descriptor of a file has lost the locks that the process had on it. */
  @Test
  void aLookBesideTheWriterLeavesHimHisLock(@TempDir Path directory) throws IOException {
    FakeRoot.write(directory.resolve("root"));
    StateDirectory state = StateDirectory.open(directory.resolve("state"));
    Namespace namespace = new Namespace("net:[1]", "boot");
    try (TableLock _ = TableLock.take(state, namespace, "a test")) {
      String inode =
          ":"
              + Files.getAttribute(
                  state.path().resolve(StateDirectory.lockFile(namespace)), "unix:ino")
              + " ";
      Path locks = Path.of("/proc/locks");
      assertThat(Files.readString(locks)).contains(inode);
      assertThat(
              new MachineReader(directory.resolve("root"), EmptyKernel::new)
                  .readBesideWriter(
                      state, namespace, new Ownership(Set.of(), List.of(), false), List.of())
                  .writer())
          .isEmpty();
      assertThat(Files.readString(locks)).contains(inode);
    }
  }
}
