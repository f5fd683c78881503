package dev.freeway.dataplane.relay;

/**
 * How many connections a relay has and may have.
 *
 * @param connections at once, of all services, flows of UDP and those included that no backend has
 *     taken yet
 * @param most as many as heap and descriptors allow
 * @param full how often it was said since the start that there is no room for more
 */
public record Room(int connections, int most, long full) {}
