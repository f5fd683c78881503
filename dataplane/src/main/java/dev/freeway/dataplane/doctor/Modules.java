package dev.freeway.dataplane.doctor;

import java.util.Set;

/**
 * The kernel's modules, by name with underscores.
 *
 * @param loaded loaded or built in
 * @param available on disk for the running kernel
 * @param directory whether {@code /lib/modules/RELEASE} is there: in a container it often is not,
 *     and then nothing can be said of what is available
 * @param modprobe whether there is a {@code modprobe}
 */
public record Modules(
    Set<String> loaded, Set<String> available, boolean directory, boolean modprobe) {}
