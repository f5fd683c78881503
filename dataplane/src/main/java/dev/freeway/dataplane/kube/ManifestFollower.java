package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.Event;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Follows manifests on a thread of its own. The kernel's notification (inotify) makes it look at
 * once; it also looks at every interval, so that nothing depends on notifications, which network
 * file systems do not give.
 */
public final class ManifestFollower implements AutoCloseable {
  private static final WatchEvent.Kind<?>[] KINDS = {
    StandardWatchEventKinds.ENTRY_CREATE,
    StandardWatchEventKinds.ENTRY_MODIFY,
    StandardWatchEventKinds.ENTRY_DELETE
  };

  /** Where desired states go; may block while the writer is busy. */
  @FunctionalInterface
  public interface Sink {
    /** Hands over an event. */
    void submit(Event event) throws InterruptedException;
  }

  /** Told what becomes of the input, on the follower's thread. */
  public interface Listener {
    /** After a look that found something else than the one before. */
    void input(InputStatus before, InputStatus after);

    /** Notifications of a directory cannot be had; it is read at every interval all the same. */
    void unwatched(Path directory, String reason);

    /** A defect: the follower goes on with the next look. */
    void failed(RuntimeException defect);
  }

  private final FollowedInput input;
  private final Duration interval;
  private final LongSupplier clock;
  private final InstantSource time;
  private final Listener listener;
  private final Thread thread;
  private BooleanSupplier held = () -> false;
  private Sink sink = _ -> {};
  private volatile @Nullable WatchService watches;
  private final Map<Path, String> unwatched = new HashMap<>(); // and why
  private volatile InputStatus status;
  private volatile boolean stopping;

  /**
   * A follower, which has not read anything.
   *
   * @param before what the kernel holds of ours
   * @param kernelCheck refuses what this kernel does not have
   * @param interval how often it looks without being notified
   * @param clock the time in nanoseconds, as {@link System#nanoTime}, which events carry too
   * @param time the time of day, to which files' time stamps are compared
   */
  public ManifestFollower(
      List<String> sources,
      InputStream stdin,
      Desired before,
      UnaryOperator<Translation> kernelCheck,
      Duration interval,
      LongSupplier clock,
      InstantSource time,
      Listener listener) {
    this.input = new FollowedInput(sources, stdin, before, kernelCheck);
    this.status = InputStatus.unread(clock.getAsLong());
    this.interval = interval;
    this.clock = clock;
    this.time = time;
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("manifests").daemon().unstarted(this::run);
  }

  /** How the input is. */
  public InputStatus status() {
    return status;
  }

  /**
   * Reads everything for the first time, on the caller's thread.
   *
   * @return nothing when there is no Service to begin with; the status says why
   */
  public Optional<Event> first() {
    watch(); // before reading: what changes meanwhile is noticed
    long now = clock.getAsLong();
    Optional<Desired> desired = input.look(now, time.millis(), false);
    tell();
    return input.useless()
        ? Optional.empty()
        : desired.map(state -> new Event.DesiredReplaced(state, now));
  }

  /**
   * Begins to follow.
   *
   * @param held whether the last event waits for a second look
   */
  public void start(Sink sink, BooleanSupplier held) {
    this.sink = sink;
    this.held = held;
    thread.start();
  }

  private void run() {
    while (!stopping) {
      try {
        long received = await(input.untilNext(interval, held.getAsBoolean()));
        look(received);
      } catch (InterruptedException | ClosedWatchServiceException e) {
        return; // nobody but close does this
      } catch (RuntimeException e) {
        listener.failed(e);
      }
    }
  }

  /** Waits for a notification or the time; answers when it came. */
  private long await(Duration atMost) throws InterruptedException {
    watch();
    WatchService service = watches;
    if (service == null) {
      TimeUnit.NANOSECONDS.sleep(atMost.toNanos());
      return clock.getAsLong();
    }
    WatchKey key = service.poll(atMost.toNanos(), TimeUnit.NANOSECONDS);
    long received = clock.getAsLong();
    for (; key != null; key = service.poll()) {
      key.pollEvents(); // which entry it was does not matter: symbolic links hide that
      key.reset();
    }
    return received;
  }

  private void look(long received) throws InterruptedException {
    Optional<Desired> desired = input.look(received, time.millis(), held.getAsBoolean());
    tell();
    if (desired.isPresent()) {
      sink.submit(new Event.DesiredReplaced(desired.get(), received));
    }
  }

  private void tell() {
    InputStatus before = status;
    status = input.status();
    if (!status.frozen().equals(before.frozen())
        || !status.errors().equals(before.errors())
        || !status.notes().equals(before.notes())) {
      listener.input(before, status);
    }
  }

  /** Registers what is to be watched; what is already is registered again for nothing. */
  private void watch() {
    for (Path directory : input.watched()) {
      try {
        WatchService service = watches;
        if (service == null) {
          service = FileSystems.getDefault().newWatchService();
          watches = service;
        }
        directory.register(service, KINDS);
        unwatched.remove(directory);
      } catch (IOException | UnsupportedOperationException e) {
        String reason = ManifestReader.reason(e);
        if (!reason.equals(unwatched.put(directory, reason))) {
          listener.unwatched(directory, reason);
        }
      }
    }
  }

  /** Ends at once. */
  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    WatchService service = watches;
    if (service != null) {
      try {
        service.close();
      } catch (IOException _) {
        // nothing is lost with it
      }
    }
  }
}
