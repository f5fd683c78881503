package dev.freeway.dataplane.core;

import dev.freeway.dataplane.core.HealthCheck.Question;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What {@code freeway.dev/health-check: readiness-probe} says otherwise than the readiness probe of
 * the Pods.
 *
 * @param port where it is asked, 1 to 65535; 0 for where the probe asks
 * @param interval null for the probe's
 * @param timeout null for the probe's
 * @param rise 0 for the probe's
 * @param fall 0 for the probe's
 */
public record ProbeOverrides(
    int port, @Nullable Duration interval, @Nullable Duration timeout, int rise, int fall) {
  /** The annotation's first word. */
  public static final String WORD = "readiness-probe";

  /** What a text was read as. */
  public sealed interface Reading permits Right, HealthCheck.Reading.Wrong {}

  /** A text that could be read. */
  public record Right(ProbeOverrides overrides) implements Reading {}

  /** Whether a text means the Pods' probe, whatever it says of it. */
  public static boolean meant(String text) {
    return text.split(",", 2)[0].strip().equals(WORD);
  }

  /** Reads {@code readiness-probe} and, after commas, keys with values. */
  public static Reading parse(String text) {
    return HealthCheckText.parseOverrides(text);
  }

  /**
   * The check that a probe and this make. Where the probe's time-out is longer than its period, it
   * is asked as seldom as kubelet then does; what is beyond our bounds is brought to them.
   *
   * @param at the probe's port; 0 for the backend's own
   * @param period of the probe
   * @param patience its time-out
   * @return wrong where {@link #interval} is shorter than the probe's own time-out
   */
  public HealthCheck.Reading over(
      Question question, int at, Duration period, Duration patience, int success, int failure) {
    Duration waits =
        timeout == null
            ? within(patience, HealthCheck.LEAST_TIMEOUT, HealthCheck.MOST_INTERVAL)
            : timeout;
    Duration every =
        interval == null
            ? within(period, waits, HealthCheck.MOST_INTERVAL) // a time-out is at most the interval
            : interval;
    if (waits.compareTo(every) > 0) {
      return new HealthCheck.Reading.Wrong(
          "interval=" + Durations.text(every),
          "at least "
              + Durations.text(waits)
              + ", the probe's timeoutSeconds, or timeout= beside it");
    }
    return new HealthCheck.Reading.Right(
        new HealthCheck(
            question,
            port == 0 ? at : port,
            within(every, HealthCheck.LEAST_INTERVAL, HealthCheck.MOST_INTERVAL),
            waits,
            rise == 0 ? Math.clamp(success, 1, HealthCheck.MOST_IN_A_ROW) : rise,
            fall == 0 ? Math.clamp(failure, 1, HealthCheck.MOST_IN_A_ROW) : fall));
  }

  private static Duration within(Duration duration, Duration least, Duration most) {
    return duration.compareTo(least) < 0 ? least : duration.compareTo(most) > 0 ? most : duration;
  }
}
