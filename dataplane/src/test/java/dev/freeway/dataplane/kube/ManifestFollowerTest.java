package dev.freeway.dataplane.kube;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.Event;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The follower with real files, real notifications and its own thread. */
@Timeout(120)
final class ManifestFollowerTest {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final String WEB = ManifestsFixture.WEB + "---\n" + ManifestsFixture.WEB_SLICE;

  @TempDir Path directory;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> unwatched = new LinkedBlockingQueue<>();

  @SuppressWarnings("NullAway.Init") // every test begins with follow()
  private ManifestFollower follower;

  @AfterEach
  void end() {
    follower.close();
  }

  private void follow(Duration interval, Path... sources) {
    follower =
        new ManifestFollower(
            Arrays.stream(sources).map(Path::toString).toList(),
            InputStream.nullInputStream(),
            new Desired(Collections.emptySortedMap()),
            UnaryOperator.identity(),
            interval,
            System::nanoTime,
            InstantSource.system(),
            new ManifestFollower.Listener() {
              @Override
              public void input(InputStatus before, InputStatus after) {}

              @Override
              public void unwatched(Path where, String reason) {
                unwatched.add(where.getFileName() + ": " + reason);
              }

              @Override
              public void failed(RuntimeException defect) {
                throw defect;
              }
            });
    assertThat(follower.first()).isPresent();
    follower.start(events::put, () -> false);
  }

  private static void write(Path file, String text) throws IOException {
    Path hidden = Files.writeString(file.resolveSibling(".new"), text);
    Files.move(hidden, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String web(int endpoint) {
    return WEB.replace("10.1.0.12", "10.1.1." + endpoint);
  }

  private Event next() throws InterruptedException {
    return requireNonNull(events.poll(30, TimeUnit.SECONDS), "no event in 30 s");
  }

  private static String endpoints(Event event) {
    return ((Event.DesiredReplaced) event)
        .desired()
        .services()
        .values()
        .iterator()
        .next()
        .endpoints()
        .keySet()
        .toString();
  }

  /** The interval is an hour: whatever comes, comes by notification. */
  @Test
  void aChangeIsAnEventAtOnceByNotification(TestReporter reporter) throws Exception {
    Path file = directory.resolve("web.yaml");
    write(file, WEB);
    follow(NEVER, directory);
    long[] nanos = new long[21];
    long before = System.nanoTime();
    for (int i = 0; i < nanos.length; i++) {
      String text = web(i + 1);
      long start = System.nanoTime();
      write(file, text);
      Event event = next();
      nanos[i] = System.nanoTime() - start;
      assertThat(endpoints(event)).isEqualTo("[10.1.0.11:80, 10.1.1." + (i + 1) + ":80]");
      // A second notification of the write before may be what it was read for.
      assertThat(event.receivedNanos()).isBetween(before, start + nanos[i]);
      before = start;
    }
    Arrays.sort(nanos);
    Duration median = Duration.ofNanos(nanos[nanos.length / 2]);
    reporter.publishEntry("file change to event, median", median.toNanos() / 1_000 + " us");
    assertThat(median).isLessThan(Duration.ofMillis(100)); // a few, on a machine that is idle
    assertThat(unwatched).isEmpty();
  }

  @Test
  void aChangeInPlaceAndARenamedLinkAreNotifiedToo() throws Exception {
    Path file = directory.resolve("web.yaml");
    write(file, WEB);
    follow(NEVER, directory);
    Files.writeString(file, web(1));
    String seen = endpoints(next());
    while (!seen.equals("[10.1.0.11:80, 10.1.1.1:80]")) { // it was read half written
      seen = endpoints(next());
    }
    Path other = Files.writeString(directory.resolve("other"), web(2));
    Files.createSymbolicLink(directory.resolve("link"), other);
    Files.move(directory.resolve("link"), file, StandardCopyOption.ATOMIC_MOVE);
    assertThat(endpoints(next())).isEqualTo("[10.1.0.11:80, 10.1.1.2:80]");
  }

  /** What cannot be watched is read at every interval; that is said once, not at each of them. */
  @Test
  void whatCannotBeWatchedIsReadAtTheIntervalAndNamedOnce() throws Exception {
    Path web = Files.createDirectory(directory.resolve("web"));
    Path absent = directory.resolve("absent");
    write(web.resolve("web.yaml"), WEB);
    follow(Duration.ofMillis(20), absent.resolve("api.yaml"), web);
    for (int i = 1; i <= 20; i++) { // each is a turn that tries to watch again
      write(web.resolve("web.yaml"), web(i));
      next();
    }
    assertThat(unwatched).containsExactly("absent: no such file");
    Files.createDirectory(absent);
    Files.writeString(
        absent.resolve("api.yaml"), WEB.replace("web", "api").replace("10.0.0.1", "10.0.0.2"));
    Event.DesiredReplaced both = (Event.DesiredReplaced) next();
    assertThat(both.desired().services()).hasSize(2);
    assertThat(unwatched).hasSize(1);
  }
}
