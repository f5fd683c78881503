package dev.freeway.dataplane.relay;

import io.netty.channel.ChannelException;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * How many connections and flows there may be at once, of all services: so many as the heap and the
 * process's descriptors allow. Beyond, new connections wait in the kernel's queue, and it is said
 * once, until there has been room for a minute.
 */
final class Capacity {
  /** A session's objects, twice over. */
  private static final int HEAP_BYTES = 1 << 10;

  /** Descriptors for everything else, but for checks. */
  private static final int OTHERS = 136;

  /** A sixteenth of the descriptors is for checks, and so many at least and at most. */
  private static final int LEAST_CHECKS = 64;

  private static final int MOST_CHECKS = 1024; // ten thousand backends need a few hundred

  /** What has lasted is not said again. */
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  /**
   * Descriptors that are kept for connections that were accepted while there were some, and have
   * found none for their member. At most so many are about to ask for one.
   */
  private static final int SPARES = 16;

  private final int most;
  private final Consumer<String> warnings;
  private final LongSupplier clock;
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger flows = new AtomicInteger(); // of those
  private final AtomicInteger single = new AtomicInteger();
  private final Deque<FileDescriptor> spares = new ArrayDeque<>();
  private volatile boolean lent = true;
  private long lastNanos;
  private long told; // how often

  /**
   * Room for so many.
   *
   * @param warnings told what a person should know, on an event loop
   * @param clock in nanoseconds
   */
  Capacity(int most, Consumer<String> warnings, LongSupplier clock) {
    this.most = most;
    this.warnings = warnings;
    this.clock = clock;
  }

  /** Of this process. */
  static Capacity ofThisProcess(Consumer<String> warnings, LongSupplier clock) {
    return new Capacity(most(Runtime.getRuntime().maxMemory(), descriptors()), warnings, clock);
  }

  /** For a heap of so many bytes, half of it for sessions, and two descriptors each. */
  static int most(long heap, long descriptors) {
    long left = descriptors - OTHERS - checks(descriptors);
    return Math.clamp(Math.min(heap / 2 / HEAP_BYTES, left / 2), 1, 1 << 24);
  }

  /** How many sockets of checks there may be at once, beside {@link #most}. */
  static int checks(long descriptors) {
    return Math.clamp(descriptors / 16, LEAST_CHECKS, MOST_CHECKS);
  }

  /** Of this process. */
  static int checks() {
    return checks(descriptors());
  }

  private static long descriptors() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
        if (line.startsWith("Max open files")) {
          String soft = line.substring("Max open files".length()).strip().split("\\s+", -1)[0];
          return soft.equals("unlimited") ? Integer.MAX_VALUE : Long.parseLong(soft);
        }
      }
    } catch (IOException _) {
      // without /proc the kernel's own refusal has to do
    }
    return Integer.MAX_VALUE;
  }

  /** Whether there is room for one more, which is then taken. */
  boolean take() {
    if (lent && !refill()) {
      return false;
    }
    if (taken.incrementAndGet() > most) {
      taken.decrementAndGet();
      tell(most + " connections are as many as heap and descriptors allow: more wait");
      return false;
    }
    return true;
  }

  void give() {
    taken.decrementAndGet();
  }

  /**
   * Whether there is room for one flow of UDP more, which is then taken. Half of the room is kept
   * from them: whoever sends datagrams may say to be anybody.
   */
  boolean takeFlow() {
    if (flows.incrementAndGet() <= Math.max(1, most / 2)) {
      if (taken.incrementAndGet() <= most) {
        return true;
      }
      taken.decrementAndGet();
    }
    flows.decrementAndGet();
    return false;
  }

  void giveFlow() {
    flows.decrementAndGet();
    taken.decrementAndGet();
  }

  /** What there is, as of now. */
  synchronized Room room() {
    return new Room(taken.get(), most, told);
  }

  /** Whether one that was accepted may leave it to another thread to connect to a member. */
  boolean leave() {
    if (single.incrementAndGet() > SPARES) {
      single.decrementAndGet();
      return false;
    }
    return true;
  }

  /** Another thread has seen to it. */
  void seen() {
    single.decrementAndGet();
  }

  private synchronized boolean refill() {
    try {
      while (spares.size() < SPARES) {
        spares.push(Descriptors.spare());
      }
      lent = false;
      return true;
    } catch (ChannelException e) {
      failed(e);
      return false;
    }
  }

  /** Makes room for one descriptor more, if that can be done; nothing more is taken meanwhile. */
  synchronized boolean lend() {
    lent = true;
    FileDescriptor spare = spares.poll();
    if (spare != null) {
      Descriptors.close(spare);
    }
    return spare != null;
  }

  /** The kernel refuses a connection, for want of descriptors or memory. */
  void failed(Exception reason) {
    tell("no more connections for now: " + reason.getMessage());
  }

  /** Nothing is taken any more. */
  synchronized void close() {
    while (lend()) {
      // all of them
    }
  }

  private synchronized void tell(String warning) {
    long now = clock.getAsLong();
    if (told == 0 || now - lastNanos >= QUIET_NANOS) {
      told++;
      warnings.accept(warning);
    }
    lastNanos = now;
  }
}
