package dev.freeway.controlplane.query;

import java.time.Duration;

/**
 * Where a query is cut off.
 *
 * @param time from the start to the last row
 * @param rows that are given back
 */
public record Limits(Duration time, long rows) {
  /** 30 seconds and 100,000 rows. */
  public static final Limits DEFAULT = new Limits(Duration.ofSeconds(30), 100_000);

  /** Refuses what lets nothing through. */
  public Limits {
    if (time.isNegative() || time.isZero() || rows < 1) {
      throw new IllegalArgumentException(
          "a limit of " + time + " and " + rows + " rows; expected both above zero");
    }
  }
}
