package dev.freeway.dataplane.health;

import dev.freeway.dataplane.health.Watched.Stage;
import dev.freeway.dataplane.health.probe.Attempt;
import dev.freeway.dataplane.health.probe.Outcome;
import dev.freeway.dataplane.health.probe.Prober;
import dev.freeway.dataplane.health.probe.Target;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * When attempts are made, and what follows from them: the monitor without its thread and its timer.
 *
 * <p>An attempt begins at most an interval after the one before it began, and at least nine tenths
 * of one: chance only shortens, so that a backend that dies is known to be dead after {@code
 * interval * fall + timeout} at the latest. Of a target that is new the first attempt is within a
 * second, and the second anywhere in the interval after it, so that intervals longer than that are
 * spread as well.
 *
 * <p>Where there are fewer sockets than attempts, those that are due wait in the order in which
 * they became due.
 */
final class Rounds {
  private static final long SPREAD = TimeUnit.SECONDS.toNanos(1);

  /** Of an interval, what chance takes from it at most. */
  private static final double JITTER = 0.1;

  /** How late turns may be without that an attempt begins more than an interval after the last. */
  static final long SLACK = TimeUnit.MILLISECONDS.toNanos(10);

  /** How long nothing is tried after the machine was short of something. */
  private static final long SHORTAGE = TimeUnit.MILLISECONDS.toNanos(50);

  /**
   * How many attempts a turn begins at most. What became due while the thread had no processor
   * would otherwise all be begun before any answer is read, and be late for that.
   */
  static final int BATCH = 256;

  /** How late an attempt may be before that is told, and how often it is told. */
  private static final long LATE = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * A turn that is so late was held up, by other work or for want of a processor: what backends
   * said meanwhile may not have been read, so attempts get a moment more, once.
   */
  private static final long HELD_UP = TimeUnit.MILLISECONDS.toNanos(20);

  private static final long GRACE = TimeUnit.MILLISECONDS.toNanos(30);

  private static final long TOLD = TimeUnit.SECONDS.toNanos(1);

  private final Prober prober;
  private final LongSupplier clock;
  private final RandomGenerator random;
  private final int sockets;
  private final MonitorListener listener;
  private final LongConsumer earlier;

  private Map<Watched.Key, Watched> all = new HashMap<>();
  private final DueQueue queue = new DueQueue();
  private final ArrayDeque<Watched> waiting = new ArrayDeque<>();
  private int tried;
  private boolean turning;
  private boolean refilling;
  private long shortUntil = Long.MIN_VALUE;
  private String shortage = "";
  private long toldAt = Long.MIN_VALUE;

  /**
   * @param sockets attempts at a time, at most
   * @param earlier is told a time at which a turn is due, when that is before what the last one
   *     answered
   */
  Rounds(
      Prober prober,
      LongSupplier clock,
      RandomGenerator random,
      int sockets,
      MonitorListener listener,
      LongConsumer earlier) {
    this.prober = prober;
    this.clock = clock;
    this.random = random;
    this.sockets = sockets;
    this.listener = listener;
    this.earlier = earlier;
  }

  /** From now on these, and no others. */
  void watch(Collection<Target> targets) {
    long now = clock.getAsLong();
    Map<Watched.Key, Watched> next = HashMap.newHashMap(targets.size());
    List<Watched> fresh = new ArrayList<>();
    for (Target target : targets) {
      Watched.Key key = Watched.Key.of(target);
      if (next.containsKey(key)) {
        continue;
      }
      Watched held = all.remove(key);
      if (held == null) {
        held = new Watched(target, now);
        fresh.add(held);
      } else if (!held.target().equals(target)) {
        rest(held);
        held.replace(target);
        held.first = true;
        fresh.add(held);
      }
      next.put(key, held);
    }
    for (Watched gone : all.values()) {
      rest(gone);
      gone.stage = Stage.GONE;
    }
    all = next;
    for (int i = 0; i < fresh.size(); i++) {
      Watched one = fresh.get(i);
      long spread = Math.min(SPREAD, one.check().interval().toNanos());
      enqueue(one, now + (long) (spread * ((i + random.nextDouble()) / fresh.size())));
    }
    refill(now, BATCH);
  }

  /** Takes a target out of whatever it is in. */
  private void rest(Watched one) {
    queue.remove(one);
    Attempt attempt = one.attempt;
    if (one.stage == Stage.TRIED) {
      tried--;
      one.attempt = null;
      if (attempt != null) {
        attempt.abandon();
      }
    }
    one.stage = Stage.RESTING; // what waits in another stage is passed over
  }

  /** What is thought of each target, in no particular order. */
  Map<Target, Assessment> assessments() {
    Map<Target, Assessment> each = LinkedHashMap.newLinkedHashMap(all.size());
    for (Watched one : all.values()) {
      each.put(one.target(), one.assessment());
    }
    return each;
  }

  /**
   * Does what is due.
   *
   * @return when the next turn is due; {@link Long#MAX_VALUE} for none
   */
  long turn() {
    long now = clock.getAsLong();
    turning = true;
    try {
      while (queue.firstDue() <= now) {
        Watched one = queue.poll();
        Attempt attempt = one.attempt;
        if (one.stage == Stage.TRIED && attempt != null) {
          if (now - one.due >= HELD_UP && !one.graced) {
            one.graced = true;
            queue.add(one, now + GRACE);
          } else {
            attempt.timeOut();
          }
        } else {
          one.stage = Stage.WAITING;
          waiting.add(one);
        }
      }
      refill(now, BATCH);
    } finally {
      turning = false;
    }
    if (waiting.isEmpty()) {
      return queue.firstDue();
    }
    boolean more = tried < sockets && now >= shortUntil;
    return more ? now : Math.min(queue.firstDue(), Math.max(shortUntil, now + SHORTAGE));
  }

  /** Begins what waits, so many at most, as far as there are sockets. */
  private void refill(long now, int most) {
    if (refilling) { // an attempt was over at once
      return;
    }
    refilling = true;
    try {
      for (int i = 0; i < most && !waiting.isEmpty() && tried < sockets && now >= shortUntil; i++) {
        Watched one = waiting.poll();
        if (one.stage == Stage.WAITING) {
          begin(one, clock.getAsLong()); // which a turn with much to begin has left behind
        }
      }
    } finally {
      refilling = false;
    }
    Watched first = waiting.peek();
    if (first != null
        && (now < shortUntil || now - first.due >= LATE)
        && (toldAt == Long.MIN_VALUE || now - toldAt >= TOLD)) {
      toldAt = now;
      listener.hindered(
          waiting.size(),
          now < shortUntil
              ? shortage
              : tried < sockets
                  ? "too little processor time"
                  : "no more than " + sockets + " sockets at a time");
    }
  }

  private void begin(Watched one, long now) {
    one.stage = Stage.TRIED;
    one.started = now;
    one.graced = false;
    tried++;
    Attempt attempt = prober.begin(one.target(), outcome -> finished(one, outcome));
    if (one.stage == Stage.TRIED) { // else it is over already
      one.attempt = attempt;
      enqueue(one, now + one.check().timeout().toNanos());
    }
  }

  private void finished(Watched one, Outcome outcome) {
    long now = clock.getAsLong();
    queue.remove(one);
    tried--;
    one.attempt = null;
    if (outcome instanceof Outcome.Untried untried && untried.shortage()) {
      one.stage = Stage.WAITING;
      waiting.addLast(one); // the others are not to wait for it
      shortUntil = now + SHORTAGE;
      shortage = untried.reason();
      earlierThan(shortUntil);
      return;
    }
    one.stage = Stage.RESTING;
    enqueue(one, Math.max(now, one.started + gap(one)));
    if (outcome instanceof Outcome.Untried untried) {
      tell(now, untried.reason());
    } else if (one.take(outcome, now)) {
      tell(one);
    }
    if (!turning) {
      refill(now, 1);
    }
  }

  private void tell(Watched one) {
    try {
      listener.changed(one.target(), one.assessment());
    } catch (RuntimeException e) {
      listener.failed(e);
    }
  }

  private void tell(long now, String reason) {
    if (toldAt == Long.MIN_VALUE || now - toldAt >= TOLD) {
      toldAt = now;
      listener.hindered(1 + waiting.size(), reason);
    }
  }

  /** From the start of an attempt to the start of the next. */
  private long gap(Watched one) {
    double shortest = one.first ? JITTER : 1 - JITTER;
    one.first = false;
    long interval = one.check().interval().toNanos();
    return Math.min(
        interval - SLACK, (long) (interval * (1 - (1 - shortest) * random.nextDouble())));
  }

  private void enqueue(Watched one, long due) {
    queue.add(one, due);
    if (queue.firstDue() == due) {
      earlierThan(due);
    }
  }

  private void earlierThan(long due) {
    if (!turning) {
      earlier.accept(due);
    }
  }
}
