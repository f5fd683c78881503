package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.Resource;
import java.time.Instant;
import java.util.Optional;

/**
 * A resource and since when it is known.
 *
 * @param resource with the document of the time that was asked for
 * @param scan the last that saw it
 * @param gone since when a scan that saw all of its scope does not find it
 */
public record StoredResource(
    Resource resource, long scan, Instant firstSeen, Instant lastSeen, Optional<Instant> gone) {}
