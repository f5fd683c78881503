package dev.freeway.dataplane.kube;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An EndpointSlice, the parts that translation uses: a cluster's endpoints are many, and each of
 * them is held as long as it is there.
 *
 * @param service the Service that its label names, within its namespace; empty when none is
 * @param addressType {@code IPv4} or {@code IPv6}; anything else is refused in translation
 * @param annotations those of ours, {@code freeway.dev/…}
 * @param endpoints those that can be used
 * @param unusable what is wrong with single endpoints
 */
record Slice(
    String namespace,
    String name,
    String service,
    String addressType,
    Map<String, String> annotations,
    List<SlicePort> ports,
    List<SliceEndpoint> endpoints,
    List<FieldError> unusable) {
  Slice {
    annotations = Map.copyOf(annotations);
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
    unusable = List.copyOf(unusable);
  }

  /** A value that cannot be used, and what would be right there. */
  record FieldError(String field, String value, String expected) {}

  /** The Service that it names, as {@code namespace/name}. */
  Optional<String> owner() {
    return service.isEmpty() ? Optional.empty() : Optional.of(namespace + "/" + service);
  }
}
