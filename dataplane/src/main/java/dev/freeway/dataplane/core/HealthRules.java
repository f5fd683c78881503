package dev.freeway.dataplane.core;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a service asks for the health of its destinations.
 *
 * @param check how they are asked whether they are well; null for not at all
 * @param mostOut the share of the ready ones that may be out at once, 0 to 100 percent; where more
 *     are, all are used
 * @param slowStart how long one that comes, or comes back, takes to its full weight; zero for at
 *     once
 * @param ejects whether one is taken out for a while whose connections fail
 * @param awaited whether a check is asked for and will be known in a moment: one that was known
 *     before stands until then
 */
public record HealthRules(
    @Nullable HealthCheck check, int mostOut, Duration slowStart, boolean ejects, boolean awaited) {
  /** Where a service does not say otherwise. */
  public static final int MOST_OUT = 50;

  /** Kubernetes' word alone. */
  public static final HealthRules NONE = new HealthRules(null, MOST_OUT, Duration.ZERO, false);

  /** With a slow start weights are so many times finer, for every destination of the service. */
  public static final int FINER = 10;

  /** In so many steps, each of which rebuilds the table of {@code mh} once. */
  static final int STEPS = 5;

  /** For how long a check is waited for that is not known yet. */
  private static final Duration AWAITED = Duration.ofSeconds(3);

  /** Rules that are known. */
  public HealthRules(@Nullable HealthCheck check, int mostOut, Duration slowStart, boolean ejects) {
    this(check, mostOut, slowStart, ejects, false);
  }

  public HealthRules {
    if (awaited && check != null) {
      throw new IllegalArgumentException("check " + check + ": expected none while it is awaited");
    }
    if (mostOut < 0 || mostOut > 100) {
      throw new IllegalArgumentException("share " + mostOut + ": expected 0 to 100 percent");
    }
    if (slowStart.isNegative()) {
      throw new IllegalArgumentException("slow start " + slowStart + ": expected 0 or more");
    }
  }

  /** The same by another check. */
  public HealthRules with(@Nullable HealthCheck other) {
    return new HealthRules(other, mostOut, slowStart, ejects);
  }

  /** The same with a check that is not known yet. */
  public HealthRules awaiting() {
    return new HealthRules(null, mostOut, slowStart, ejects, true);
  }

  /** How many of so many ready ones may be out. */
  public int mostOutOf(int ready) {
    return (int) ((long) ready * mostOut / 100);
  }

  /** The weight of one that has served for so long, of a full weight. */
  int weight(int full, long nanos) {
    long step = slowStart.toNanos() / STEPS;
    return step == 0 || nanos / step >= STEPS - 1
        ? full
        : Math.max(Math.min(1, full), (int) ((long) full * (nanos / step + 1) / STEPS));
  }

  /** How long a destination serves before its weight is next another; 0 for never again. */
  long nextStep(long nanos) {
    long step = slowStart.toNanos() / STEPS;
    return step == 0 || nanos / step >= STEPS - 1 ? 0 : (nanos / step + 1) * step - nanos;
  }

  /** For how long a check may take to its first word after a start. */
  Duration firstWord() {
    return check == null
        ? awaited ? AWAITED : Duration.ZERO
        : check.interval().plus(check.timeout()).plus(Duration.ofSeconds(1));
  }
}
