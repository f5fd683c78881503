package dev.freeway.dataplane.core;

/**
 * A network namespace of one boot: what a record of ours is about. A reboot, or another namespace,
 * starts with an empty table, and what a record says of the old one is void.
 *
 * @param netns for example {@code net:[4026531840]}
 * @param bootId {@code /proc/sys/kernel/random/boot_id}
 */
public record Namespace(String netns, String bootId) {}
