package dev.freeway.dataplane.core;

/**
 * What our checks and its own traffic say of one destination. Kubernetes' word is in {@link
 * Endpoint}; a destination serves when neither is against it.
 *
 * @param reason a sentence for people; empty where there is nothing to say
 */
public record Health(State state, String reason) {
  /** What is thought of a destination of which nobody said anything: that it is well. */
  public static final Health UNKNOWN = new Health(State.UNKNOWN, "");

  /** How a destination is. */
  public enum State {
    UNKNOWN,
    WELL,
    /** There, and not answering as it should: it keeps the connections that it has. */
    FAILING,
    /** Not there: its connections are gone too. */
    DEAD
  }

  /** Whether it is to get no new connections. */
  public boolean out() {
    return state == State.FAILING || state == State.DEAD;
  }
}
