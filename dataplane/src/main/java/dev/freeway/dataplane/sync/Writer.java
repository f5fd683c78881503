package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.ipvs.IpvsTable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The single writer to a network namespace's IPVS table, on a platform thread of its own: native
 * calls pin virtual ones. The first event is programmed at once, what arrives meanwhile goes
 * together after it. Between events it audits the table and ends drains, each when it is due.
 */
public final class Writer implements AutoCloseable {
  /** Events that wait; a source that is faster than the kernel waits in {@link #submit}. */
  private static final int CAPACITY = 1024;

  /** What the thread is told. */
  private sealed interface Message {
    record Happened(Event event) implements Message {}

    record Stop() implements Message {}
  }

  private final BlockingQueue<Message> queue = new ArrayBlockingQueue<>(CAPACITY);
  private final SyncLoop loop;
  private final LongSupplier clock;
  private final SyncListener listener;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile long aliveNanos;

  /** A writer on a machine that somebody else prepares. */
  public Writer(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock,
      BootClock boot,
      SyncListener listener) {
    this(table, state, namespace, settings, clock, boot, listener, Host.NONE, Checks.NONE);
  }

  /**
   * A writer; it does nothing before {@link #start}.
   *
   * @param table owned by the writer's thread from its start to its end; the caller closes it
   * @param clock the time in nanoseconds, as {@link System#nanoTime}, which events carry too
   * @param boot the time since the boot, by which drains of an earlier process are timed
   * @param host prepared for the services, by the writer's thread too; the caller closes it
   * @param checks told on that thread whom to ask whether they are well
   */
  public Writer(
      IpvsTable table,
      StateDirectory state,
      Namespace namespace,
      Settings settings,
      LongSupplier clock,
      BootClock boot,
      SyncListener listener,
      Host host,
      Checks checks) {
    this.loop =
        new SyncLoop(
            table,
            state,
            namespace,
            settings,
            clock,
            boot,
            listener,
            this::isStopping,
            host,
            checks);
    this.clock = clock;
    this.aliveNanos = clock.getAsLong();
    this.listener = listener;
    this.thread = Thread.ofPlatform().name("ipvs-writer").unstarted(this::run);
  }

  /** Adopts the table and begins to follow events. */
  public void start() {
    thread.start();
  }

  /**
   * Hands over an event; waits while the queue is full.
   *
   * @throws InterruptedException when the caller is interrupted while it waits
   */
  public void submit(Event event) throws InterruptedException {
    queue.put(new Message.Happened(event));
  }

  /** The last published state; never older than the audit interval while the kernel answers. */
  public Snapshot snapshot() {
    return loop.snapshot();
  }

  /** When the thread last began a turn or a chunk of changes, in nanoseconds of the clock. */
  public long aliveNanos() {
    return aliveNanos;
  }

  /** Asked between chunks of changes too, so a long fill counts as life. */
  private boolean isStopping() {
    aliveNanos = clock.getAsLong();
    return stopping;
  }

  private void run() {
    guarded(loop::start);
    List<Message> messages = new ArrayList<>();
    while (!isStopping()) {
      try {
        Message first =
            queue.poll(Math.max(0, loop.nextDeadline() - clock.getAsLong()), TimeUnit.NANOSECONDS);
        if (first != null) {
          messages.add(first);
        }
      } catch (InterruptedException e) {
        return; // nobody but a shutdown interrupts this thread; the table goes on serving
      }
      queue.drainTo(messages);
      List<Event> events = new ArrayList<>(messages.size());
      for (Message message : messages) {
        switch (message) {
          case Message.Happened happened -> events.add(happened.event());
          case Message.Stop _ -> {}
        }
      }
      messages.clear();
      if (!stopping && !events.isEmpty()) {
        guarded(() -> loop.handle(events));
      }
      if (!stopping) {
        guarded(loop::tick);
      }
    }
  }

  /** The top of the loop: a defect in one turn must not end the repair of the table. */
  private void guarded(Runnable turn) {
    try {
      turn.run();
    } catch (RuntimeException e) {
      listener.failed(e);
    } catch (StackOverflowError e) {
      listener.failed(new IllegalStateException(e));
    }
  }

  /** Ends after the batch under way and leaves the table as it is: serving. */
  @Override
  public void close() {
    stopping = true;
    queue.offer(new Message.Stop()); // wakes the thread; a full queue wakes it too
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
