package dev.freeway.dataplane.core;

/**
 * A destination that is to be checked.
 *
 * @param check how it is asked whether it is well
 * @param destination as it is desired
 * @param proxy the header that it expects before the first byte, at its own port
 */
public record Asked(HealthCheck check, Destination destination, RelayRules.ProxyProtocol proxy) {}
