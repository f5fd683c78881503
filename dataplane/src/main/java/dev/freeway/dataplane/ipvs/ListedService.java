package dev.freeway.dataplane.ipvs;

import java.util.List;

/**
 * A service as a dump of services lists it: without its destinations, which are read by its
 * identity.
 *
 * @param identity what the kernel finds it by
 * @param value what was read of it; its destinations are none
 */
public record ListedService(ServiceIdentity identity, ObservedService value) {
  /** The same with its destinations. */
  ObservedService with(List<ObservedDestination> destinations) {
    return value.with(destinations);
  }
}
