package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HealthRules;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.RelayRules;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import dev.freeway.dataplane.ipvs.ObservedService;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the kernel holds of ours at the start, as if somebody had asked for it. */
public final class Adopted {
  private Adopted() {}

  /**
   * The services of a dump that are ours, with the owners that our record knows.
   *
   * @param host what the machine does for them
   */
  public static Desired desired(
      List<ObservedService> dump, StateDirectory.Recorded recorded, Settings settings, Host host) {
    Set<ServiceKey> sourceNat = host.sourceNat();
    Map<ServiceKey, SourceRanges> sourceRanges = host.sourceRanges();
    Ownership ownership = new Ownership(recorded.services(), settings.pool(), settings.adopt());
    TreeMap<ServiceKey, DesiredService> services = new TreeMap<>();
    Observed.of(dump)
        .services()
        .forEach(
            (key, held) -> {
              if (ownership.ours(key)) {
                services.put(
                    key,
                    service(
                        held,
                        recorded.owners().getOrDefault(key, ""),
                        sourceNat.contains(key),
                        sourceRanges.getOrDefault(key, SourceRanges.EVERYONE)));
              }
            });
    return new Desired(Collections.unmodifiableSortedMap(services));
  }

  /** One of them. */
  static DesiredService service(
      EffectiveService held, String owner, boolean sourceNat, SourceRanges sourceRanges) {
    TreeMap<DestinationKey, Endpoint> endpoints = new TreeMap<>();
    Forwarding forwarding = Forwarding.NAT;
    for (Destination destination : held.destinations().values()) {
      endpoints.put(destination.key(), new Endpoint(destination, Endpoint.Condition.READY));
      forwarding = destination.forwarding();
    }
    return new DesiredService(
        owner,
        held.value(),
        forwarding,
        sourceNat,
        sourceRanges,
        RelayRules.NONE,
        HealthRules.NONE,
        Collections.unmodifiableSortedMap(endpoints));
  }
}
