package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a machine is to be ready for before anybody knows which services there will be. */
final class Preparation {
  /** The schedulers that people use; another one's module has to be there already. */
  private static final List<String> SCHEDULERS =
      List.of("mh", "rr", "wrr", "lc", "wlc", "sh", "sed", "nq");

  private Preparation() {}

  /**
   * As for services of all schedulers with source NAT, and one of direct return.
   *
   * @param pool its families are prepared for; without any, IPv4
   * @param foreign whether the table holds services of others
   * @param announcing who is to answer for the pool's addresses
   */
  static HostNeeds needs(List<Prefix> pool, boolean foreign, Announcing announcing) {
    Set<Family> families =
        pool.stream().map(prefix -> prefix.address().family()).collect(Collectors.toSet());
    TreeMap<ServiceKey, HostNeeds.Need> services = new TreeMap<>();
    for (Family family : families.isEmpty() ? Set.of(Family.IPV4) : families) {
      for (int i = 0; i < SCHEDULERS.size(); i++) {
        services.put(
            new ServiceKey(Protocol.TCP, new IpAddress(family, 0, 1), i + 1),
            new HostNeeds.Need(SCHEDULERS.get(i), Forwarding.NAT, true));
      }
      services.put(
          new ServiceKey(Protocol.TCP, new IpAddress(family, 0, 1), SCHEDULERS.size() + 1),
          new HostNeeds.Need(SCHEDULERS.getFirst(), Forwarding.DIRECT, false));
    }
    TreeSet<ServiceKey> held = new TreeSet<>(services.keySet());
    for (Prefix prefix : pool) { // for the links that lead to their neighbours
      held.add(new ServiceKey(Protocol.TCP, prefix.address(), 1));
      held.add(new ServiceKey(Protocol.TCP, prefix.last(), 1));
    }
    return new HostNeeds(
        services,
        Collections.unmodifiableSortedSet(held),
        Collections.emptySortedSet(),
        foreign,
        announcing);
  }
}
