package dev.freeway.dataplane.core;

import java.util.SortedMap;

/**
 * The whole desired state: what is ours and not named here is deleted.
 *
 * @param services by key, in canonical order
 */
public record Desired(SortedMap<ServiceKey, DesiredService> services) {}
