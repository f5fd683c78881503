package dev.freeway.dataplane.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The order of a service's destinations in which routers agree. The kernel appends: the only way to
 * another order is to delete destinations and add them again, so as few as possible are moved.
 */
public final class CanonicalOrder {
  private CanonicalOrder() {}

  /**
   * The destinations to delete and add again, each in turn, so that all end in canonical order.
   * Moving only the first few of them is progress too: the rest is found again the next time.
   *
   * @param inserted keys in the order in which the kernel took them
   * @return in canonical order; empty when nothing is out of place
   */
  public static List<DestinationKey> misplaced(List<DestinationKey> inserted) {
    List<DestinationKey> canonical = new ArrayList<>(inserted);
    canonical.sort(null);
    // What may stay is the longest beginning of the canonical order that is found in this order
    // among the others: everything after it has to come later than all of it.
    int staying = 0;
    for (DestinationKey key : inserted) {
      if (key.equals(canonical.get(staying))) {
        staying++;
      }
    }
    return List.copyOf(canonical.subList(staying, canonical.size()));
  }
}
