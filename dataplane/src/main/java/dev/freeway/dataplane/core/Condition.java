package dev.freeway.dataplane.core;

/**
 * Why a desired destination does not serve as any other of its service; those that do have none.
 *
 * @param reason a sentence for people
 * @param sinceNanos since when, by the clock of the planner's changes
 */
public record Condition(State state, String reason, long sinceNanos) {
  /** How it stands. */
  public enum State {
    /** At weight 0 until its connections end: it leaves. */
    DRAINING,
    /** At weight 0, or not in the table, for its health. */
    OUT,
    /** It serves although it is not well, for too many others are not either. */
    PANIC,
    /** It serves with less than its weight yet. */
    WARMING,
    /** It serves as it did before a restart until it is known whether it is well. */
    UNCHECKED,
    /** It leaves and does not serve, and has nothing to drain. */
    LEAVING
  }
}
