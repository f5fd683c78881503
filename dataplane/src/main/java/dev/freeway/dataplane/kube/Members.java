package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Offer;
import dev.freeway.dataplane.core.Rendezvous;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.kube.api.Listed;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The routers that live, by their Leases, and which of them does what only one has to do: pure. A
 * router lives as long as its Lease changes, by our own clock: the times in it are another
 * machine's. Only the time in which Leases were heard of counts: while nobody answers, nobody dies.
 */
final class Members {
  /** How long a Lease that does not change counts. */
  static final Duration LEASE = Duration.ofSeconds(15);

  /** How often a router renews its own. */
  static final Duration RENEW = Duration.ofSeconds(5);

  /** Without any Lease's change for so long, our own included, nobody answers. */
  static final Duration SILENCE = Duration.ofSeconds(8);

  /**
   * What is known of a Lease.
   *
   * @param seenToChange whether it changed since it was seen first
   */
  private record Heard(String version, long changedNanos, boolean seenToChange, Offer offer) {}

  private final String self;
  private final Map<String, Heard> leases = new HashMap<>(); // by router
  private OptionalLong firstNanos = OptionalLong.empty();
  private long heardNanos;

  Members(String self) {
    this.self = self;
  }

  void all(Collection<Listed<RouterLease>> leasesOfRouters, long now) {
    hear(now);
    Map<String, Heard> before = Map.copyOf(leases);
    leases.clear();
    for (Listed<RouterLease> lease : leasesOfRouters) {
      String router = lease.object().router();
      leases.put(router, heard(lease, Optional.ofNullable(before.get(router)), now));
    }
  }

  void one(Listed<RouterLease> lease, long now) {
    hear(now);
    String router = lease.object().router();
    Optional<Heard> before = Optional.ofNullable(leases.get(router));
    Heard heard = heard(lease, before, now);
    leases.put(router, new Heard(heard.version, heard.changedNanos, true, lease.object().offer()));
  }

  void gone(Listed<RouterLease> lease, long now) {
    hear(now);
    leases.remove(lease.object().router());
  }

  private static Heard heard(Listed<RouterLease> lease, Optional<Heard> before, long now) {
    boolean same = before.isPresent() && before.get().version.equals(lease.version());
    return same
        ? before.get()
        : new Heard(lease.version(), now, before.isPresent(), lease.object().offer());
  }

  /**
   * After a silence those that lived when it began have a whole Lease to be heard of again: they
   * could not renew theirs either.
   */
  private void hear(long now) {
    if (firstNanos.isEmpty()) {
      firstNanos = OptionalLong.of(now);
    } else if (isSilent(now)) {
      SortedSet<String> living = alive(now);
      leases.replaceAll(
          (router, heard) ->
              living.contains(router)
                  ? new Heard(heard.version, now, heard.seenToChange, heard.offer)
                  : heard);
    }
    heardNanos = now;
  }

  /** Whether nobody answers, so that what is known is of an earlier time. */
  boolean isSilent(long now) {
    return now - heardNanos >= SILENCE.toNanos();
  }

  /** The names of the routers that live; during a silence those that lived when it began. */
  SortedSet<String> alive(long now) {
    long at = isSilent(now) ? heardNanos + SILENCE.toNanos() : now;
    TreeSet<String> alive = new TreeSet<>();
    leases.forEach(
        (router, heard) -> {
          if (at - heard.changedNanos < LEASE.toNanos()) {
            alive.add(router);
          }
        });
    return alive;
  }

  /**
   * Whether it is known who lives. A Lease that is found when this router starts may be that of a
   * router that ended long ago: that shows when it changes, or does not for as long as it lasts.
   */
  boolean areKnown(long now) {
    return firstNanos.isPresent()
        && (now - firstNanos.getAsLong() >= LEASE.toNanos()
            || leases.values().stream().allMatch(Heard::seenToChange));
  }

  /**
   * The routers that live and answer on layer-2 networks; empty before {@link #areKnown}.
   *
   * @param leaving whether a router's node is cordoned
   */
  Optional<Routers> routers(Predicate<String> leaving, long now) {
    if (!areKnown(now)) {
      return Optional.empty();
    }
    TreeMap<String, Routers.Router> routers = new TreeMap<>();
    for (String router : alive(now)) {
      Heard heard = leases.get(router);
      if (heard != null && !heard.offer.isEmpty()) {
        routers.put(router, new Routers.Router(heard.offer, leaving.test(router)));
      }
    }
    return Optional.of(new Routers(self, routers, !isSilent(now)));
  }

  /** Whether this router is the one for a key; never without a Lease of its own. */
  boolean chosen(String key, SortedSet<String> routers) {
    return Rendezvous.of(key, routers).equals(Optional.of(self));
  }
}
