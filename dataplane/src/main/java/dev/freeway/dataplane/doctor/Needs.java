package dev.freeway.dataplane.doctor;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the manifests ask of the machine; nothing when none were given.
 *
 * @param services whose service each is, as {@code namespace/name}
 * @param schedulers a Service of each scheduler's name
 * @param encapsulations a Service of each kind but plain IPIP
 * @param acrossFamilies Services whose tunnels lead to the other family
 * @param sourceNat Services that hide the client's address
 * @param keepsAddress Services whose replies do not pass this machine
 */
public record Needs(
    SortedMap<ServiceKey, String> services,
    SortedMap<String, String> schedulers,
    SortedMap<String, String> encapsulations,
    SortedSet<String> acrossFamilies,
    SortedSet<String> sourceNat,
    SortedSet<String> keepsAddress) {
  public static Needs of(Desired desired) {
    Needs needs =
        new Needs(
            new TreeMap<>(),
            new TreeMap<>(),
            new TreeMap<>(),
            new TreeSet<>(),
            new TreeSet<>(),
            new TreeSet<>());
    for (Map.Entry<ServiceKey, DesiredService> entry : desired.services().entrySet()) {
      DesiredService service = entry.getValue();
      String owner = service.owner();
      needs.services.put(entry.getKey(), owner);
      needs.schedulers.putIfAbsent(service.service().scheduler().name(), owner);
      if (service.sourceNat()) {
        needs.sourceNat.add(owner);
      }
      if (service.forwarding() != Forwarding.NAT) {
        needs.keepsAddress.add(owner);
      }
      if (service.forwarding() == Forwarding.TUNNEL) {
        for (Endpoint endpoint : service.endpoints().values()) {
          needs.tunnel(owner, entry.getKey(), endpoint);
        }
      }
    }
    return needs;
  }

  private void tunnel(String owner, ServiceKey service, Endpoint endpoint) {
    if (endpoint.destination().key().address().family() != service.address().family()) {
      acrossFamilies.add(owner);
    }
    switch (endpoint.destination().encapsulation()) {
      case Encapsulation.Ipip _ -> {}
      case Encapsulation.Gue _ -> encapsulations.putIfAbsent("gue", owner);
      case Encapsulation.Gre _ -> encapsulations.putIfAbsent("gre", owner);
    }
  }
}
