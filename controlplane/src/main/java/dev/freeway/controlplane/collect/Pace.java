package dev.freeway.controlplane.collect;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * A token bucket for one service, or one operation, of one account in one region, as AWS counts:
 * when a request leaves. It begins with AWS's published rate and a little less than its burst, so
 * that a request which is faster on its way than the one before is not one too many. A refusal
 * takes three tenths of the rate, but once for all that were under way together; the rate comes
 * back soon to near where it was refused, and slowly from there, for somebody else may use the same
 * bucket. Any thread may use it; the lock guards the bucket.
 */
final class Pace {
  private static final double CUT = 0.7;
  private static final double NEAR = 0.9;

  /** What of the published rate comes back in a second: far from where it was refused, and near. */
  private static final double SOON = 0.2;

  private static final double SLOWLY = 0.02;

  /** By how many seconds a request may be faster on its way than another. */
  private static final double JITTER = 0.2;

  /** Requests a second; most services take more. */
  private static final double SLOW = 10;

  /** Who is done in so many seconds is in no hurry. */
  private static final double SOON_DONE = 1;

  private static final double SECOND = Duration.ofSeconds(1).toNanos();

  private final double published;
  private final double least;
  private final double burst;
  private final LongSupplier nanos;
  private final Lock turn = new ReentrantLock(true);
  private final AtomicInteger queued = new AtomicInteger();
  private volatile double rate;
  private double refusedAt;
  private double tokens;
  private long filled;
  private long cut;
  private long grown;

  /**
   * A full bucket.
   *
   * @param rate tokens a second
   * @param burst how many it holds
   * @param nanos a clock
   */
  Pace(double rate, double burst, LongSupplier nanos) {
    this.published = rate;
    this.least = Math.min(0.5, rate / 4);
    this.burst = Math.max(1, burst - Math.max(1, Math.min(burst / 4, rate * JITTER)));
    this.nanos = nanos;
    this.rate = rate;
    this.refusedAt = rate;
    this.tokens = this.burst;
    this.filled = nanos.getAsLong();
    this.grown = filled;
    this.cut = filled - 1;
  }

  /**
   * How urgent it is that the next request leaves. As long as those that wait for their turn will
   * take by the rate, in seconds, when that is more than one: the scan ends with the last of them.
   * Where so few are taken that what follows an answer may have to wait too, nothing is more.
   */
  double urgency() {
    return published <= SLOW ? Double.MAX_VALUE : Math.max(SOON_DONE, queued.get() / rate);
  }

  /** Waits to be the one that leaves next: first come, first served. */
  void enter() throws InterruptedException {
    queued.incrementAndGet();
    try {
      turn.lockInterruptibly();
    } catch (InterruptedException e) {
      queued.decrementAndGet();
      throw e;
    }
  }

  /** Is it no longer. */
  void exit() {
    queued.decrementAndGet();
    turn.unlock();
  }

  /** How long until a request may leave; zero when it may now. */
  synchronized Duration early() {
    fill();
    return tokens >= 1
        ? Duration.ZERO
        : Duration.ofNanos((long) Math.ceil((1 - tokens) / rate * SECOND));
  }

  /**
   * A request leaves.
   *
   * @return when
   */
  synchronized long leaves() {
    fill();
    tokens -= 1;
    return filled;
  }

  private void fill() {
    long now = nanos.getAsLong();
    tokens = Math.min(burst, tokens + (now - filled) / SECOND * rate);
    filled = now;
  }

  /** AWS took a request for one too many, which left then. */
  synchronized void refused(long left) {
    fill();
    tokens = Math.min(tokens, 0);
    if (left > cut) {
      refusedAt = rate;
      rate = Math.max(least, rate * CUT);
      cut = filled;
      grown = filled;
    }
  }

  /** AWS took a request. */
  synchronized void taken() {
    fill();
    double seconds = Math.min(1, (filled - grown) / SECOND);
    grown = filled;
    rate =
        Math.min(published, rate + seconds * published * (rate < NEAR * refusedAt ? SOON : SLOWLY));
  }
}
