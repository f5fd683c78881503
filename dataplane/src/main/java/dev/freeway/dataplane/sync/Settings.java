package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Prefix;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the operator may set about programming.
 *
 * @param drainLimit how long a terminating endpoint keeps weight 0 at most
 * @param pool ranges of addresses whose services are all ours ({@code --addresses})
 * @param adopt whether desired services that exist and are foreign are taken over
 * @param maxShrink the share of services or endpoints that may go at once, 0 to 1
 * @param auditInterval how often the table is read and repaired
 * @param reorderAfter how long a service of {@code mh} was left unchanged before its destinations
 *     are put into the order that routers agree on; empty for never
 * @param announcing who answers for addresses, until an event says it
 */
public record Settings(
    Duration drainLimit,
    List<Prefix> pool,
    boolean adopt,
    double maxShrink,
    Duration auditInterval,
    Optional<Duration> reorderAfter,
    Announcing announcing) {
  public static final Settings DEFAULT =
      new Settings(
          Duration.ofSeconds(30),
          List.of(),
          false,
          0.5,
          Duration.ofSeconds(1),
          Optional.of(Duration.ofSeconds(10)));

  public Settings {
    pool = List.copyOf(pool);
  }

  /** Where every router answers for every address. */
  public Settings(
      Duration drainLimit,
      List<Prefix> pool,
      boolean adopt,
      double maxShrink,
      Duration auditInterval,
      Optional<Duration> reorderAfter) {
    this(
        drainLimit, pool, adopt, maxShrink, auditInterval, reorderAfter, new Announcing.Everyone());
  }

  /** The same where others answer for addresses. */
  public Settings with(Announcing other) {
    return new Settings(drainLimit, pool, adopt, maxShrink, auditInterval, reorderAfter, other);
  }
}
