package dev.freeway.dataplane.ipvs;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.VirtualService;
import java.util.List;
import java.util.Optional;

/**
 * A service as the kernel shows it.
 *
 * @param family address family
 * @param firewallMark the mark that identifies it, when it has no address; 0 otherwise
 * @param value what we set and compare; empty for a firewall-mark service, which is always foreign
 * @param scheduler name and flags as the kernel has them
 * @param flags the kernel's flag word, {@code IP_VS_SVC_F_*}, including HASHED
 * @param persistenceEngine for example {@code sip}; empty when none
 * @param statistics counters and rates
 * @param destinations in the kernel's order, the last inserted first
 */
public record ObservedService(
    Family family,
    int firewallMark,
    Optional<VirtualService> value,
    String scheduler,
    int flags,
    String persistenceEngine,
    Statistics statistics,
    List<ObservedDestination> destinations) {
  /** The same with other destinations. */
  public ObservedService with(List<ObservedDestination> others) {
    return new ObservedService(
        family, firewallMark, value, scheduler, flags, persistenceEngine, statistics, others);
  }
}
