package dev.freeway.dataplane.core;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The routers of a cluster that answer on layer-2 networks, and which of them does for an address:
 * one of those on its network, by {@link Rendezvous}. All who know the same routers agree.
 *
 * @param self this one's name
 * @param alive those that live, by name
 * @param heard whether that is so now; false while nobody can be asked: then these are the last
 *     known ones, and who answers stays as it is
 */
public record Routers(String self, SortedMap<String, Router> alive, boolean heard) {
  /**
   * A router.
   *
   * @param offer what it answers for
   * @param leaving whether its node is cordoned: it answers only where no other can
   */
  public record Router(Offer offer, boolean leaving) {}

  public Routers {
    alive = Collections.unmodifiableSortedMap(new TreeMap<>(alive));
  }

  /**
   * The router that is to answer for an address: one that can serve it, rather one that stays than
   * one that leaves; empty when none is on its network.
   */
  public Optional<String> elected(IpAddress address) {
    SortedSet<String> able =
        rather(candidates(address), router -> !router.offer.unable().contains(address));
    return Rendezvous.of(address.toString(), rather(able, router -> !router.leaving));
  }

  /** Those of the candidates that are preferred; all where none is. */
  private SortedSet<String> rather(SortedSet<String> candidates, Predicate<Router> preferred) {
    SortedSet<String> some = new TreeSet<>(candidates);
    some.removeIf(name -> !preferred.test(alive.get(name)));
    return some.isEmpty() ? candidates : some;
  }

  /** The routers on an address's network. */
  public SortedSet<String> candidates(IpAddress address) {
    SortedSet<String> candidates = new TreeSet<>();
    alive.forEach(
        (name, router) -> {
          if (router.offer.segments().stream().anyMatch(one -> one.prefix().contains(address))) {
            candidates.add(name);
          }
        });
    return candidates;
  }

  /** The MAC addresses of the other routers. */
  public Set<String> othersHardware() {
    Set<String> hardware = new TreeSet<>();
    alive.forEach(
        (name, router) -> {
          if (!name.equals(self)) {
            router.offer.segments().forEach(segment -> hardware.add(segment.hardware()));
          }
        });
    return hardware;
  }
}
