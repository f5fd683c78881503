package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The addresses of services that this machine does not serve, although it should: those that two
 * looks in turn found so. A service that has just been made is not taken for one.
 */
final class Unable {
  private Set<ServiceKey> last = Set.of();
  private SortedSet<IpAddress> now = Collections.emptySortedSet();

  /** Takes in what a look found. */
  void seen(Set<ServiceKey> unserved) {
    TreeSet<IpAddress> addresses = new TreeSet<>();
    for (ServiceKey service : unserved) {
      if (last.contains(service)) {
        addresses.add(service.address());
      }
    }
    last = new HashSet<>(unserved);
    now = Collections.unmodifiableSortedSet(addresses);
  }

  SortedSet<IpAddress> now() {
    return now;
  }
}
