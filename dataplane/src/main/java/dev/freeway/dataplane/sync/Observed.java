package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A dump in the shape of the core. Services by firewall mark are left out: they have no address and
 * are never ours.
 *
 * @param services what can be ours
 * @param idle those of them without any connection or persistence template
 */
record Observed(Map<ServiceKey, EffectiveService> services, Set<ServiceKey> idle) {

  static Observed of(List<ObservedService> dump) {
    Map<ServiceKey, EffectiveService> services = HashMap.newHashMap(dump.size());
    Set<ServiceKey> idle = new HashSet<>();
    for (ObservedService seen : dump) {
      Optional<EffectiveService> value = effective(seen);
      if (value.isPresent()) {
        ServiceKey key = value.get().value().key();
        services.put(key, value.get());
        if (seen.destinations().stream().noneMatch(Observed::carries)) {
          idle.add(key);
        }
      }
    }
    return new Observed(services, idle);
  }

  /** One service; empty for one by firewall mark. */
  static Optional<EffectiveService> effective(ObservedService seen) {
    return seen.value()
        .map(
            value -> {
              TreeMap<DestinationKey, Destination> destinations = new TreeMap<>();
              for (ObservedDestination destination : seen.destinations()) {
                destinations.put(destination.value().key(), destination.value());
              }
              return new EffectiveService(value, destinations);
            });
  }

  private static boolean carries(ObservedDestination destination) {
    return (destination.activeConnections()
            | destination.inactiveConnections()
            | destination.persistentConnections())
        != 0;
  }

  Optional<VirtualService> idle(ServiceKey service) {
    EffectiveService held = services.get(service);
    return held != null && idle.contains(service) ? Optional.of(held.value()) : Optional.empty();
  }
}
