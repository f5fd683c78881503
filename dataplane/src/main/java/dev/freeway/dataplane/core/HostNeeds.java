package dev.freeway.dataplane.core;

import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the machine around the table is to be ready for.
 *
 * @param services that are desired, and no other program holds, by key
 * @param held ours that the table holds, or will hold when all is done; what the machine does for
 *     those of them that are not desired stays as it is
 * @param present whatever the table was last seen to hold, ours or not: nothing that serves one of
 *     these is taken away, even where our record does not know it
 * @param foreign whether the table holds services of others
 * @param announcing who answers neighbours that ask for the addresses
 */
public record HostNeeds(
    SortedMap<ServiceKey, Need> services,
    SortedSet<ServiceKey> held,
    SortedSet<ServiceKey> present,
    boolean foreign,
    Announcing announcing) {
  /** Nothing of ours, nothing of others. */
  public static final HostNeeds NONE =
      new HostNeeds(
          Collections.emptySortedMap(),
          Collections.emptySortedSet(),
          Collections.emptySortedSet(),
          false);

  /** Where every router answers. */
  public HostNeeds(
      SortedMap<ServiceKey, Need> services,
      SortedSet<ServiceKey> held,
      SortedSet<ServiceKey> present,
      boolean foreign) {
    this(services, held, present, foreign, new Announcing.Everyone());
  }

  /**
   * What one service needs.
   *
   * @param scheduler the name of its scheduler
   * @param forwarding how packets reach its destinations
   * @param sourceNat whether the client's address is rewritten
   * @param sourceRanges which clients may come
   * @param relay what only the relay does
   */
  public record Need(
      String scheduler,
      Forwarding forwarding,
      boolean sourceNat,
      SourceRanges sourceRanges,
      RelayRules relay) {
    /** What one needs that takes everybody's packets. */
    public Need(String scheduler, Forwarding forwarding, boolean sourceNat) {
      this(scheduler, forwarding, sourceNat, SourceRanges.EVERYONE, RelayRules.NONE);
    }

    /** What a desired service needs. */
    public static Need of(DesiredService service) {
      return new Need(
          service.service().scheduler().name(),
          service.forwarding(),
          service.sourceNat(),
          service.sourceRanges(),
          service.relay());
    }
  }

  /**
   * The same where desired services are neither made nor changed: of those that the table does not
   * hold nothing is needed, and what serves the others stays as it is.
   */
  public HostNeeds without(Set<ServiceKey> refused) {
    if (refused.isEmpty()) {
      return this;
    }
    TreeMap<ServiceKey, Need> others = new TreeMap<>(services);
    others.keySet().removeAll(refused);
    services.forEach(
        (key, need) -> {
          boolean there = held.contains(key) || present.contains(key);
          if (refused.contains(key) && there && need.sourceRanges().limited()) {
            others.put( // it serves as it was, but no stranger
                key,
                new Need(
                    need.scheduler(), Forwarding.DIRECT, false, need.sourceRanges(), need.relay()));
          }
        });
    TreeSet<ServiceKey> stay = new TreeSet<>(held);
    stay.removeIf(key -> refused.contains(key) && !present.contains(key));
    return new HostNeeds(others, stay, present, foreign, announcing);
  }

  /** The same where others answer, or in another way. */
  public HostNeeds with(Announcing other) {
    return new HostNeeds(services, held, present, foreign, other);
  }

  /** Whether nothing of ours is there or wanted. */
  public boolean isEmpty() {
    return services.isEmpty() && held.isEmpty();
  }

  /** The addresses that clients reach our services at. */
  public SortedSet<IpAddress> addresses() {
    TreeSet<IpAddress> addresses = new TreeSet<>();
    held.forEach(key -> addresses.add(key.address()));
    return addresses;
  }

  /** The addresses of whatever the table holds. */
  public SortedSet<IpAddress> addressesInUse() {
    SortedSet<IpAddress> addresses = addresses();
    present.forEach(key -> addresses.add(key.address()));
    return addresses;
  }
}
