package dev.freeway.dataplane.core;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

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
   * @param segments the networks that it answers on
   * @param leaving whether its node is cordoned: it answers only where no other can
   */
  public record Router(SortedSet<Segment> segments, boolean leaving) {
    public Router {
      segments = Collections.unmodifiableSortedSet(new TreeSet<>(segments));
    }
  }

  public Routers {
    alive = Collections.unmodifiableSortedMap(new TreeMap<>(alive));
  }

  /** The router that is to answer for an address; empty when none is on its network. */
  public Optional<String> elected(IpAddress address) {
    SortedSet<String> candidates = candidates(address);
    SortedSet<String> staying = new TreeSet<>(candidates);
    alive.forEach(
        (name, router) -> {
          if (router.leaving) {
            staying.remove(name);
          }
        });
    return Rendezvous.of(address.toString(), staying.isEmpty() ? candidates : staying);
  }

  /** The routers on an address's network. */
  public SortedSet<String> candidates(IpAddress address) {
    SortedSet<String> candidates = new TreeSet<>();
    alive.forEach(
        (name, router) -> {
          if (router.segments.stream().anyMatch(one -> one.prefix().contains(address))) {
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
            router.segments.forEach(segment -> hardware.add(segment.hardware()));
          }
        });
    return hardware;
  }
}
