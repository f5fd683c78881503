package dev.freeway.dataplane.core;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which services of the table are ours. IPVS has no owner field: ours is what our record or our
 * pool of addresses says, everything else is foreign and left alone.
 *
 * @param recorded the services that we made or took over, by our record
 * @param pool ranges of addresses that are ours altogether
 * @param adopt whether a desired service that exists and is foreign is taken over
 */
public record Ownership(Set<ServiceKey> recorded, List<Prefix> pool, boolean adopt) {
  public Ownership {
    recorded = Set.copyOf(recorded);
    pool = List.copyOf(pool);
  }

  /** Whether a service that the kernel holds is ours. */
  public boolean ours(ServiceKey service) {
    if (recorded.contains(service)) {
      return true;
    }
    for (Prefix prefix : pool) {
      if (prefix.contains(service.address())) {
        return true;
      }
    }
    return false;
  }

  /** The same rules with another record. */
  public Ownership with(Set<ServiceKey> otherRecord) {
    return new Ownership(otherRecord, pool, adopt);
  }

  /** The record once some services are added and others are gone. */
  public Ownership with(Set<ServiceKey> added, Set<ServiceKey> gone) {
    Set<ServiceKey> next = new TreeSet<>(recorded);
    next.addAll(added);
    next.removeAll(gone);
    return with(next);
  }

  /** A desired service that was refused, for another program holds it. */
  public record Refusal(ServiceKey service, String owner, String reason) {
    /** The refusal of a desired service. */
    public static Refusal of(DesiredService wanted) {
      return new Refusal(
          wanted.service().key(),
          wanted.owner(),
          "exists and is not in our record; take it over with --adopt");
    }
  }
}
