package dev.freeway.dataplane.core;

import java.util.SortedMap;

/**
 * A service with its destinations as the kernel holds them.
 *
 * @param value the service itself
 * @param destinations by key, in canonical order
 */
public record EffectiveService(
    VirtualService value, SortedMap<DestinationKey, Destination> destinations) {}
