package dev.freeway.controlplane.collect;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A token bucket for one service, or one operation, of one account in one region. It begins with
 * AWS's published rate; a refusal halves it, but only once a second: those that were under way
 * together say the same. Each answer gives a little back, as AWS's own clients do. Any thread may
 * use it; the lock guards the bucket.
 */
final class Pace {
  private static final double LEAST = 0.5;
  private static final double GROWTH = 0.05;
  private static final long ONCE = Duration.ofSeconds(1).toNanos();

  private final double published;
  private final double burst;
  private final LongSupplier nanos;
  private double rate;
  private double tokens;
  private long filled;
  private long halved;

  /**
   * A full bucket.
   *
   * @param rate tokens a second
   * @param burst how many it holds
   * @param nanos a clock
   */
  Pace(double rate, double burst, LongSupplier nanos) {
    this.published = rate;
    this.burst = burst;
    this.nanos = nanos;
    this.rate = rate;
    this.tokens = burst;
    this.filled = nanos.getAsLong();
    this.halved = filled - ONCE;
  }

  /**
   * Takes a token.
   *
   * @return how long to wait before it may be used; zero mostly
   */
  synchronized Duration take() {
    fill();
    tokens -= 1;
    return tokens >= 0 ? Duration.ZERO : Duration.ofNanos((long) (-tokens / rate * 1e9));
  }

  private void fill() {
    long now = nanos.getAsLong();
    tokens = Math.min(burst, tokens + (now - filled) / 1e9 * rate);
    filled = now;
  }

  /** AWS took a request for one too many. */
  synchronized void refused() {
    fill();
    tokens = Math.min(tokens, 0);
    if (filled - halved >= ONCE) {
      rate = Math.max(LEAST, rate / 2);
      halved = filled;
    }
  }

  /** AWS took a request. */
  synchronized void taken() {
    rate = Math.min(published, rate * (1 + GROWTH));
  }
}
