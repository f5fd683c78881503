package dev.freeway.dataplane.health;

import dev.freeway.dataplane.health.probe.Prober;
import dev.freeway.dataplane.health.probe.SocketProber;
import dev.freeway.dataplane.health.probe.Target;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Watches targets, ten thousand every second, on one thread of its own. Methods may be called on
 * any thread and do not wait.
 */
public final class Monitor implements AutoCloseable {
  /** Turns are so far apart at least: what is due between two is done in one. */
  private static final long TICK = Rounds.SLACK;

  private final EventLoopGroup group;
  private final EventLoop loop;
  private final LongSupplier clock;
  private final MonitorListener listener;
  private final Rounds rounds;
  private long armed = Long.MAX_VALUE;

  private Monitor(
      EventLoopGroup group,
      InstantSource time,
      LongSupplier clock,
      long seed,
      int sockets,
      MonitorListener listener) {
    this.group = group;
    this.clock = clock;
    this.listener = listener;
    loop = group.next();
    SplittableRandom random = new SplittableRandom(seed);
    Prober prober = new SocketProber(loop, time, random.split(), List.of());
    rounds = new Rounds(prober, clock, random, sockets, listener, this::arm);
  }

  /**
   * Begins to watch nothing.
   *
   * @param time tells whether a certificate has expired
   * @param clock in nanoseconds
   * @param seed of the chance that spreads attempts
   * @param sockets how many are open at a time at most; the process may have to have more
   *     descriptors than that
   */
  public static Monitor start(
      InstantSource time, LongSupplier clock, long seed, int sockets, MonitorListener listener) {
    return new Monitor(
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("health", true), EpollIoHandler.newFactory()),
        time,
        clock,
        seed,
        sockets,
        listener);
  }

  /**
   * From now on these targets, and no others. Those that stay keep their state, their place in time
   * and the attempt that is being made; one whose check is another keeps its state until the new
   * check decides. Of targets that differ in their check only, the first counts.
   */
  public void watch(Collection<Target> targets) {
    List<Target> copy = List.copyOf(targets);
    loop.execute(() -> guarded(() -> rounds.watch(copy)));
  }

  /** What is thought of each target. */
  public CompletableFuture<Map<Target, Assessment>> assessments() {
    return CompletableFuture.supplyAsync(rounds::assessments, loop);
  }

  private void arm(long due) {
    if (due < armed) {
      armed = due;
      var _ =
          loop.schedule(
              () -> turn(due), Math.max(TICK, due - clock.getAsLong()), TimeUnit.NANOSECONDS);
    }
  }

  private void turn(long due) {
    if (due != armed) {
      return; // an earlier one was asked for meanwhile
    }
    armed = Long.MAX_VALUE;
    guarded(
        () -> {
          long next = rounds.turn();
          if (next != Long.MAX_VALUE) {
            arm(next);
          }
        });
  }

  private void guarded(Runnable turn) {
    try {
      turn.run();
    } catch (RuntimeException e) {
      listener.failed(e);
      arm(clock.getAsLong() + TICK);
    }
  }

  /** Ends all attempts without outcomes. */
  @Override
  public void close() {
    loop.execute(() -> guarded(() -> rounds.watch(List.of())));
    Future<?> _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
