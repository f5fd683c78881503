package dev.freeway.controlplane.fake;

import java.util.function.LongSupplier;

/** AWS's own count of requests. Any thread may use it; the lock guards the tokens. */
final class TokenBucket {
  private final double rate;
  private final double burst;
  private final LongSupplier nanos;
  private double tokens;
  private long filled;

  /**
   * A full bucket.
   *
   * @param rate tokens a second
   * @param burst how many it holds
   */
  TokenBucket(double rate, double burst, LongSupplier nanos) {
    this.rate = rate;
    this.burst = burst;
    this.nanos = nanos;
    this.tokens = burst;
    this.filled = nanos.getAsLong();
  }

  /** Whether there was one. */
  synchronized boolean take() {
    long now = nanos.getAsLong();
    tokens = Math.min(burst, tokens + (now - filled) / 1e9 * rate);
    filled = now;
    if (tokens < 1) {
      return false;
    }
    tokens -= 1;
    return true;
  }
}
