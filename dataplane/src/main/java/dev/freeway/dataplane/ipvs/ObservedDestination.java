package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Destination;

/**
 * A destination as the kernel shows it.
 *
 * @param value what we set and compare
 * @param activeConnections connections in ESTABLISHED; a guess where replies bypass the director
 * @param inactiveConnections connections in any other state
 * @param persistentConnections persistence templates
 * @param failures connections that it refused, reset before it said anything, or let wait; only who
 *     carries connections itself can tell
 * @param statistics counters and rates
 */
public record ObservedDestination(
    Destination value,
    int activeConnections,
    int inactiveConnections,
    int persistentConnections,
    long failures,
    Statistics statistics) {
  /** One of which nobody knows that connections failed. */
  public ObservedDestination(
      Destination value,
      int activeConnections,
      int inactiveConnections,
      int persistentConnections,
      Statistics statistics) {
    this(value, activeConnections, inactiveConnections, persistentConnections, 0, statistics);
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
        later.failures,
        statistics.equals(later.statistics) ? statistics : later.statistics);
  }
}
