package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.kube.api.Listed;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.zip.CRC32C;

/**
 * The routers that live, by their Leases, and which of them does what only one has to do: pure. A
 * router lives as long as its Lease changes, by our own clock: the times in it are another
 * machine's. Each key has its own router, the one with the highest hash of both, so that the work
 * is spread, all agree, and a router that ends moves only what was its own.
 */
final class Members {
  /** How long a Lease that does not change counts. */
  static final Duration LEASE = Duration.ofSeconds(15);

  /** How often a router renews its own. */
  static final Duration RENEW = Duration.ofSeconds(5);

  /** What is known of a Lease. */
  private record Heard(String version, long changedNanos) {}

  private final String self;
  private final Map<String, Heard> leases = new HashMap<>(); // by router

  Members(String self) {
    this.self = self;
  }

  void all(Collection<Listed<String>> leasesOfRouters, long now) {
    Map<String, Heard> before = Map.copyOf(leases);
    leases.clear();
    for (Listed<String> lease : leasesOfRouters) {
      Heard known = before.get(lease.object());
      boolean same = known != null && known.version.equals(lease.version());
      leases.put(lease.object(), same ? known : new Heard(lease.version(), now));
    }
  }

  void one(Listed<String> lease, long now) {
    leases.put(lease.object(), new Heard(lease.version(), now));
  }

  void gone(Listed<String> lease) {
    leases.remove(lease.object());
  }

  /** The names of the routers that live. */
  SortedSet<String> alive(long now) {
    TreeSet<String> alive = new TreeSet<>();
    leases.forEach(
        (router, heard) -> {
          if (now - heard.changedNanos < LEASE.toNanos()) {
            alive.add(router);
          }
        });
    return alive;
  }

  /** Whether this router is the one for a key; never without a Lease of its own. */
  boolean chosen(String key, SortedSet<String> routers) {
    return of(key, routers).equals(Optional.of(self));
  }

  /** Which of the routers is the one for a key. */
  static Optional<String> of(String key, SortedSet<String> routers) {
    String best = null;
    long highest = -1;
    for (String router : routers) {
      long score = score(router, key);
      if (score > highest) { // of equals the first by name
        highest = score;
        best = router;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * At least 0. A checksum alone is linear: of two routers the same one would win nearly always.
   */
  private static long score(String router, String key) {
    CRC32C sum = new CRC32C();
    sum.update((router + "\n" + key).getBytes(StandardCharsets.UTF_8));
    long mixed = sum.getValue() * 0x9e3779b97f4a7c15L; // the finalizer of SplitMix64
    mixed = (mixed ^ mixed >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return (mixed ^ mixed >>> 31) >>> 1;
  }
}
