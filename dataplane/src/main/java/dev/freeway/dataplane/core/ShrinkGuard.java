package dev.freeway.dataplane.core;

import java.time.Duration;
import java.util.Optional;

/**
 * Holds back a desired state that lost too much at once, until so much has been missing for a
 * while: a half-read directory or an empty list is more likely than half the endpoints leaving
 * together. What else changes meanwhile does not matter, for in a large cluster something always
 * does.
 *
 * @param maxShrink the share of services, or of endpoints, that may go at once: 0 to 1
 * @param services in the state that is in force
 * @param endpoints in the state that is in force
 * @param lowSince since when too much has been missing, in nanoseconds of the clock
 */
public record ShrinkGuard(double maxShrink, int services, int endpoints, Optional<Long> lowSince) {
  /** How long too much has to be missing before it counts as gone. */
  public static final Duration SECOND_LOOK = Duration.ofSeconds(5);

  public ShrinkGuard {
    if (!(maxShrink >= 0 && maxShrink <= 1)) {
      throw new IllegalArgumentException("shrink " + maxShrink + ": expected 0 to 1");
    }
  }

  /** A guard that has let nothing through yet; the first state passes. */
  public ShrinkGuard(double maxShrink) {
    this(maxShrink, 0, 0, Optional.empty());
  }

  /** The same against what single events made of the state since. */
  public ShrinkGuard against(int nowServices, int nowEndpoints) {
    return new ShrinkGuard(maxShrink, nowServices, nowEndpoints, lowSince);
  }

  /** What becomes of a desired state, and the guard for the next one. */
  public sealed interface Answer {
    ShrinkGuard next();

    /** It may be programmed. */
    record Pass(ShrinkGuard next) implements Answer {}

    /** It waits; the reason says what was lost. */
    record Hold(ShrinkGuard next, String reason) implements Answer {}
  }

  /**
   * Judges a whole desired state.
   *
   * @param now when it was received, in nanoseconds of the clock
   */
  public Answer look(Desired desired, long now) {
    int nextEndpoints = 0;
    for (DesiredService service : desired.services().values()) {
      nextEndpoints += service.endpoints().size();
    }
    return look(desired.services().size(), nextEndpoints, now);
  }

  /**
   * Judges a whole state by its size.
   *
   * @param now when it was received, in nanoseconds of the clock
   */
  public Answer look(int nextServices, int nextEndpoints, long now) {
    long since = lowSince.orElse(now);
    boolean lostServices = services - nextServices > maxShrink * services;
    boolean lostEndpoints = endpoints - nextEndpoints > maxShrink * endpoints;
    if ((lostServices || lostEndpoints) && now - since < SECOND_LOOK.toNanos()) {
      return new Answer.Hold(
          new ShrinkGuard(maxShrink, services, endpoints, Optional.of(since)),
          (lostServices
                  ? services + " services became " + nextServices
                  : endpoints + " endpoints became " + nextEndpoints)
              + ": more than "
              + Math.round(maxShrink * 100)
              + " % at once, waiting for a second look");
    }
    return new Answer.Pass(
        new ShrinkGuard(maxShrink, nextServices, nextEndpoints, Optional.empty()));
  }
}
