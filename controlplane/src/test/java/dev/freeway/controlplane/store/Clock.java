package dev.freeway.controlplane.store;

import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands until it is set. */
public final class Clock implements InstantSource {
  private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

  @Override
  public Instant instant() {
    return now;
  }

  /** Goes on. */
  public Instant pass(long seconds) {
    now = now.plusSeconds(seconds);
    return now;
  }
}
