package dev.freeway.controlplane.collect;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A token bucket for one service, or one operation, of one account in one region. It begins with
 * AWS's published rate; each refusal halves it, each answer gives a little back, as AWS's own
 * clients do. Any thread may use it; the lock guards the bucket.
 */
final class Pace {
  private static final double LEAST = 0.5;
  private static final double GROWTH = 0.05;

  private final double published;
  private final double burst;
  private final LongSupplier nanos;
  private double rate;
  private double tokens;
  private long filled;

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
  }

  /**
   * Takes a token.
   *
   * @return how long to wait before it may be used; zero mostly
   */
  synchronized Duration take() {
    long now = nanos.getAsLong();
    tokens = Math.min(burst, tokens + (now - filled) / 1e9 * rate);
    filled = now;
    tokens -= 1;
    return tokens >= 0 ? Duration.ZERO : Duration.ofNanos((long) (-tokens / rate * 1e9));
  }

  /** AWS took a request for one too many. */
  synchronized void refused() {
    rate = Math.max(LEAST, rate / 2);
    tokens = Math.min(tokens, 0);
  }

  /** AWS took a request. */
  synchronized void taken() {
    rate = Math.min(published, rate * (1 + GROWTH));
  }
}
