package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * What one Service says about its addresses.
 *
 * @param owner {@code namespace/name}
 * @param created its creationTimestamp
 * @param families for which it wants an address, in the order it wants them
 * @param requested addresses that it asks for by name; empty for any
 * @param recorded addresses in its status
 */
record AddressClaim(
    String owner,
    Instant created,
    List<Family> families,
    List<IpAddress> requested,
    List<IpAddress> recorded) {
  /** The older first; of the same second, by name. Every router knows both. */
  static final Comparator<AddressClaim> SENIORITY =
      Comparator.comparing(AddressClaim::created).thenComparing(AddressClaim::owner);

  AddressClaim {
    families = List.copyOf(families);
    requested = List.copyOf(requested);
    recorded = List.copyOf(recorded);
  }
}
