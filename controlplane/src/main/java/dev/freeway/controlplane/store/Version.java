package dev.freeway.controlplane.store;

import java.time.Instant;
import java.util.SortedMap;

/**
 * What a resource was since a time, until its next version.
 *
 * @param scan which saw it first
 * @param document JSON
 */
public record Version(Instant since, long scan, SortedMap<String, String> tags, String document) {}
