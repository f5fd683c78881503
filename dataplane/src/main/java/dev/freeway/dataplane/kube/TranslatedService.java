package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.InputError;
import java.time.Instant;
import java.util.List;

/**
 * One Kubernetes Service by itself, before it is seen whether another one claims the same address.
 *
 * @param owner {@code namespace/name}
 * @param created its creationTimestamp; {@link Instant#MAX} when it has none
 * @param source the Service
 * @param services one for each port and address; empty when there are errors
 * @param automatic whether the forwarding method was left to us
 * @param probed whether its check is to be the readiness probe of its Pods
 * @param unchecked why ports of it are served without the check that it asks for
 */
record TranslatedService(
    String owner,
    Instant created,
    Sourced<?> source,
    List<DesiredService> services,
    List<InputError> errors,
    List<String> notes,
    boolean automatic,
    boolean probed,
    List<InputError> unchecked) {}
