package dev.freeway.dataplane.core;

import java.util.SortedMap;

/**
 * A service with its destinations as the kernel holds them.
 *
 * @param value the service itself
 * @param destinations by key, in canonical order
 */
public record EffectiveService(
    VirtualService value, SortedMap<DestinationKey, Destination> destinations) {
  /** Whether the addresses of packets are rewritten on the way to any of the destinations. */
  public boolean translates() {
    return destinations.values().stream().anyMatch(held -> held.forwarding() == Forwarding.NAT);
  }
}
