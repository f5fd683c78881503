package dev.freeway.dataplane.health;

/**
 * What is thought of a target.
 *
 * @param state as rise and fall have it
 * @param reason why, as the last attempt gave it; of a target that is up, what is warned of, or
 *     empty
 * @param sinceNanos when the state, or whether there is a warning, changed last; in the monitor's
 *     clock
 */
public record Assessment(State state, String reason, long sinceNanos) {
  /** How a target is. */
  public enum State {
    /** No attempt had an outcome yet. */
    UNKNOWN,
    UP,
    /** There, and not answering as it should. */
    FAILING,
    /** Not there. */
    DEAD;

    boolean down() {
      return this == FAILING || this == DEAD;
    }
  }
}
