package dev.freeway.controlplane.store;

/** How many current resources have a tag with a value. */
public record TagCount(String key, String value, long resources) {}
