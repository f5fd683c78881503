package dev.freeway.controlplane.waste;

import dev.freeway.controlplane.inventory.Resource;
import java.time.Instant;
import java.util.Optional;

/**
 * A resource that a rule found.
 *
 * @param rule its name, such as {@code unattached-ebs}
 * @param since when it was made or stopped, as far as AWS says
 * @param reason in words
 */
public record Finding(String rule, Resource resource, Optional<Instant> since, String reason) {}
