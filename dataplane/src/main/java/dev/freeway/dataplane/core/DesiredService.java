package dev.freeway.dataplane.core;

import java.util.SortedMap;

/**
 * What the input asks of one service; each port of a Kubernetes Service and each of its addresses
 * is one.
 *
 * @param owner the Kubernetes Service as {@code namespace/name}
 * @param service the service itself
 * @param forwarding how packets reach its destinations
 * @param sourceNat whether NAT rewrites the client's address too; false unless forwarding is NAT
 * @param sourceRanges which clients may come
 * @param relay what only the relay does
 * @param health how its destinations are to be well
 * @param endpoints the backends by key, in canonical order
 * @param awaited whether none of these is to serve and there are others that are not ready: one
 *     that is scaled to nothing awaits nobody
 */
public record DesiredService(
    String owner,
    VirtualService service,
    Forwarding forwarding,
    boolean sourceNat,
    SourceRanges sourceRanges,
    RelayRules relay,
    HealthRules health,
    SortedMap<DestinationKey, Endpoint> endpoints,
    boolean awaited) {
  /** One that awaits nobody. */
  public DesiredService(
      String owner,
      VirtualService service,
      Forwarding forwarding,
      boolean sourceNat,
      SourceRanges sourceRanges,
      RelayRules relay,
      HealthRules health,
      SortedMap<DestinationKey, Endpoint> endpoints) {
    this(owner, service, forwarding, sourceNat, sourceRanges, relay, health, endpoints, false);
  }

  /** One that takes everybody's packets. */
  public DesiredService(
      String owner,
      VirtualService service,
      Forwarding forwarding,
      boolean sourceNat,
      SortedMap<DestinationKey, Endpoint> endpoints) {
    this(
        owner,
        service,
        forwarding,
        sourceNat,
        SourceRanges.EVERYONE,
        RelayRules.NONE,
        HealthRules.NONE,
        endpoints);
  }

  /** The same service relayed by other rules. */
  public DesiredService with(RelayRules others) {
    return new DesiredService(
        owner, service, forwarding, sourceNat, sourceRanges, others, health, endpoints, awaited);
  }

  /** The same service, looked after in another way. */
  public DesiredService with(HealthRules others) {
    return new DesiredService(
        owner, service, forwarding, sourceNat, sourceRanges, relay, others, endpoints, awaited);
  }

  /** The same service with other endpoints. */
  public DesiredService with(SortedMap<DestinationKey, Endpoint> others) {
    return new DesiredService(
        owner, service, forwarding, sourceNat, sourceRanges, relay, health, others, awaited);
  }

  /** The same service, which awaits somebody or does not. */
  public DesiredService awaiting(boolean another) {
    return another == awaited
        ? this
        : new DesiredService(
            owner, service, forwarding, sourceNat, sourceRanges, relay, health, endpoints, another);
  }

  /**
   * Whether destinations that are there already may be its own. Those of another Service are not:
   * its clients would be served by the other's backends.
   *
   * @param holder whose they are, as {@code namespace/name}; empty when nobody knows
   */
  public boolean mayKeepThoseOf(String holder) {
    return holder.isEmpty() || holder.equals(owner);
  }
}
