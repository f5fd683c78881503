package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Destination;

/**
 * A destination as the kernel shows it.
 *
 * @param value what we set and compare
 * @param activeConnections connections in ESTABLISHED; a guess where replies bypass the director
 * @param inactiveConnections connections in any other state
 * @param persistentConnections persistence templates
 * @param statistics counters and rates
 */
public record ObservedDestination(
    Destination value,
    int activeConnections,
    int inactiveConnections,
    int persistentConnections,
    Statistics statistics) {}
