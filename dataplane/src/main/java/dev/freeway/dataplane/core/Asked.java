package dev.freeway.dataplane.core;

/**
 * A destination that is to be checked.
 *
 * @param check how it is asked whether it is well
 * @param destination as it is desired
 */
public record Asked(HealthCheck check, Destination destination) {}
