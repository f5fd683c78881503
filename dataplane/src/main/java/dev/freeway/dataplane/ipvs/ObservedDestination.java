package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Destination;

/**
 * A destination as the kernel shows it.
 *
 * @param value what we set and compare
 * @param activeConnections connections in ESTABLISHED; a guess where replies bypass the director
 * @param inactiveConnections connections in any other state
 * @param persistentConnections persistence templates
 * @param refused connections that it refused or let wait; only who carries them itself can tell
 * @param lost connections that it took, and reset before it said anything; likewise
 * @param statistics counters and rates
 */
public record ObservedDestination(
    Destination value,
    int activeConnections,
    int inactiveConnections,
    int persistentConnections,
    long refused,
    long lost,
    Statistics statistics) {
  /** One of which nobody knows that connections failed. */
  public ObservedDestination(
      Destination value,
      int activeConnections,
      int inactiveConnections,
      int persistentConnections,
      Statistics statistics) {
    this(value, activeConnections, inactiveConnections, persistentConnections, 0, 0, statistics);
  }

  /** This one for one that says the same; else the other, with this one's parts that it repeats. */
  public ObservedDestination or(ObservedDestination later) {
    if (!value.equals(later.value)) {
      return later;
    }
    if (equals(later)) {
      return this;
    }
    return new ObservedDestination(
        value,
        later.activeConnections,
        later.inactiveConnections,
        later.persistentConnections,
        later.refused,
        later.lost,
        statistics.equals(later.statistics) ? statistics : later.statistics);
  }
}
