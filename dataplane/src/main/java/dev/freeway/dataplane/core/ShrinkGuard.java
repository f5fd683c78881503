package dev.freeway.dataplane.core;

import java.util.Optional;

/**
 * Holds back a desired state that lost too much at once, until a second look saw the same: a
 * half-read directory or an empty list is more likely than half the endpoints leaving together.
 *
 * @param maxShrink the share of services, or of endpoints, that may go at once: 0 to 1
 * @param services in the state that was last let through
 * @param endpoints in the state that was last let through
 * @param held the state that waits for its second look
 */
public record ShrinkGuard(double maxShrink, int services, int endpoints, Optional<Desired> held) {
  public ShrinkGuard {
    if (!(maxShrink >= 0 && maxShrink <= 1)) {
      throw new IllegalArgumentException("shrink " + maxShrink + ": expected 0 to 1");
    }
  }

  /** A guard that has let nothing through yet; the first state passes. */
  public ShrinkGuard(double maxShrink) {
    this(maxShrink, 0, 0, Optional.empty());
  }

  /** What becomes of a desired state, and the guard for the next one. */
  public sealed interface Answer {
    ShrinkGuard next();

    /** It may be programmed. */
    record Pass(ShrinkGuard next) implements Answer {}

    /** It waits; the reason says what was lost. */
    record Hold(ShrinkGuard next, String reason) implements Answer {}
  }

  /** Judges a whole desired state. */
  public Answer look(Desired desired) {
    int nextServices = desired.services().size();
    int nextEndpoints = 0;
    for (DesiredService service : desired.services().values()) {
      nextEndpoints += service.endpoints().size();
    }
    boolean seenBefore = held.isPresent() && held.get().equals(desired);
    boolean lostServices = services - nextServices > maxShrink * services;
    boolean lostEndpoints = endpoints - nextEndpoints > maxShrink * endpoints;
    if ((lostServices || lostEndpoints) && !seenBefore) {
      return new Answer.Hold(
          new ShrinkGuard(maxShrink, services, endpoints, Optional.of(desired)),
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
