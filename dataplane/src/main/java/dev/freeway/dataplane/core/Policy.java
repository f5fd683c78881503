package dev.freeway.dataplane.core;

import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel's table is to hold: the answer to what is desired, what is there, and the time.
 * Pure. Ready endpoints take traffic; serving-and-terminating ones only when no ready one is left
 * (KEP-1669); others drain at weight 0 until they leave the input or the limit is reached.
 *
 * <p>When a drain began is not in the kernel's table. Whoever goes on with it has that from a
 * {@link DrainClock}; where that does not know it, the drain has just begun: at worst an endpoint
 * drains for one limit more.
 *
 * @param drainLimit how long an endpoint drains at most
 */
public record Policy(Duration drainLimit) {
  /** The time since which an endpoint drains, when it does not. */
  public static final long NOT_DRAINING = Long.MIN_VALUE;

  /**
   * How long the kernel has to count no active connection before a drain is over. Where replies
   * bypass the director the count is a guess: it sees a client's FIN, and not the backend's.
   */
  public static final Duration QUIET = Duration.ofSeconds(5);

  public Policy {
    if (drainLimit.isNegative()) {
      throw new IllegalArgumentException("drain limit " + drainLimit + ": expected 0 or more");
    }
  }

  /** Since when destinations drain, in nanoseconds of the same clock as {@code now}. */
  public interface DrainClock {
    /** A clock that remembers nothing: whatever drains has just begun. */
    DrainClock ADOPTED = (service, destination) -> NOT_DRAINING;

    /** The time, or {@link #NOT_DRAINING}. */
    long since(ServiceKey service, DestinationKey destination);
  }

  /** What becomes of one destination. */
  public sealed interface Verdict {
    String reason();

    /** It takes traffic as the input says. */
    record Serving(Destination value, String reason) implements Verdict {}

    /** It gets no new connections and keeps those it has. */
    record Draining(Destination value, long sinceNanos, String reason) implements Verdict {}

    /** It is not well, and gets no new connections until it is. */
    record Out(Destination value, String reason) implements Verdict {}

    /** It is not in the table. */
    record Gone(String reason) implements Verdict {}
  }

  private static final String NOT_IN_INPUT = "no longer in the input";

  /**
   * Decides about one destination.
   *
   * @param service the service as desired
   * @param endpoint what the input says of it; null when it is not in the input
   * @param anyReady whether the service has a ready endpoint
   * @param held what the kernel holds; null for nothing
   * @param since the time since which it drains, or {@link #NOT_DRAINING}
   * @param now the time in nanoseconds
   */
  public Verdict judge(
      VirtualService service,
      @Nullable Endpoint endpoint,
      boolean anyReady,
      @Nullable Destination held,
      long since,
      long now) {
    return judge(service, endpoint, anyReady, held, since, Health.UNKNOWN, now);
  }

  /**
   * The same, where checks and traffic have their say too: they take out what Kubernetes calls
   * ready, and bring back nothing that it does not.
   *
   * @param health what they say; {@link Health#UNKNOWN} where too many are not well to be left out
   */
  public Verdict judge(
      VirtualService service,
      @Nullable Endpoint endpoint,
      boolean anyReady,
      @Nullable Destination held,
      long since,
      Health health,
      long now) {
    if (endpoint == null) {
      return new Verdict.Gone(NOT_IN_INPUT);
    }
    switch (endpoint.condition()) {
      case READY -> {
        if (!health.out()) {
          return new Verdict.Serving(endpoint.destination(), "ready");
        }
        return health.state() == Health.State.DEAD
                || held == null
                || !drainable(service.scheduler())
            ? new Verdict.Gone(health.reason())
            : new Verdict.Out(endpoint.destination().with(0), health.reason());
      }
      case SERVING_TERMINATING -> {
        if (!anyReady) {
          return new Verdict.Serving(
              endpoint.destination(), "terminating but serving, and no ready endpoint is left");
        }
      }
      case ELSEWHERE, TERMINATING -> {}
    }
    String why =
        endpoint.condition() == Endpoint.Condition.ELSEWHERE
            ? "meant for clients of other zones"
            : "terminating";
    if (held == null) {
      return new Verdict.Gone(why + ", and not in the kernel's table: nothing to drain");
    }
    if (!drainable(service.scheduler())) {
      return new Verdict.Gone(
          why
              + "; removed without draining, for scheduler "
              + service.scheduler()
              + " would drop new clients at weight 0");
    }
    long from = since == NOT_DRAINING ? now : since;
    if (now - from >= drainLimit.toNanos()) {
      return new Verdict.Gone(
          why + ", and drained for the limit of " + drainLimit.toSeconds() + " s");
    }
    return new Verdict.Draining(
        endpoint.destination().with(0), from, why + ": no new connections, existing ones stay");
  }

  /**
   * Whether a destination at weight 0 is passed over. {@code dh} always, {@code sh} and {@code mh}
   * without fallback choose it all the same and then drop the client (ip_vs_dh.c, ip_vs_sh.c,
   * ip_vs_mh.c).
   */
  static boolean drainable(Scheduler scheduler) {
    return switch (scheduler.name()) {
      case "dh" -> false;
      case "sh", "mh" -> scheduler.fallback();
      default -> true;
    };
  }

  static boolean anyReady(Collection<Endpoint> endpoints) {
    for (Endpoint endpoint : endpoints) {
      if (endpoint.condition() == Endpoint.Condition.READY) {
        return true;
      }
    }
    return false;
  }

  /**
   * The whole effective state.
   *
   * @param desired what the input asks
   * @param observed what the kernel holds of ours
   * @param clock since when destinations drain
   * @param now the time in nanoseconds
   */
  public Effective effective(Desired desired, Effective observed, DrainClock clock, long now) {
    return effective(desired, observed, clock, (_, _) -> Health.UNKNOWN, now);
  }

  /**
   * The same, where something is known of health.
   *
   * @param health of a destination; where too many of a service are out, of none
   */
  public Effective effective(
      Desired desired,
      Effective observed,
      DrainClock clock,
      BiFunction<ServiceKey, DestinationKey, Health> health,
      long now) {
    TreeMap<ServiceKey, EffectiveService> services = new TreeMap<>();
    for (DesiredService wanted : desired.services().values()) {
      ServiceKey key = wanted.service().key();
      EffectiveService held = observed.services().get(key);
      boolean anyReady = anyReady(wanted.endpoints().values());
      TreeMap<DestinationKey, Destination> destinations = new TreeMap<>();
      for (Endpoint endpoint : wanted.endpoints().values()) {
        DestinationKey at = endpoint.destination().key();
        switch (judge(
            wanted.service(),
            endpoint,
            anyReady,
            held == null ? null : held.destinations().get(at),
            clock.since(key, at),
            health.apply(key, at),
            now)) {
          case Verdict.Serving serving -> destinations.put(at, serving.value());
          case Verdict.Draining draining -> destinations.put(at, draining.value());
          case Verdict.Out out -> destinations.put(at, out.value());
          case Verdict.Gone _ -> {}
        }
      }
      services.put(key, new EffectiveService(wanted.service(), destinations));
    }
    return new Effective(services);
  }

  /**
   * The effective state when part of the input could not be used: what the kernel holds of a
   * service and the rest of the input does not name may be named there, so it stays as it is.
   *
   * @param effective the answer to the part that was used
   * @param desired what that part asks of the services that the other one may name
   * @param observed what the kernel holds of ours
   */
  public static Effective keeping(Effective effective, Desired desired, Effective observed) {
    TreeMap<ServiceKey, EffectiveService> services = new TreeMap<>(effective.services());
    for (DesiredService wanted : desired.services().values()) {
      ServiceKey key = wanted.service().key();
      EffectiveService held = observed.services().get(key);
      EffectiveService service = services.get(key);
      if (held != null && service != null) {
        TreeMap<DestinationKey, Destination> destinations = new TreeMap<>(held.destinations());
        destinations.keySet().removeAll(wanted.endpoints().keySet());
        destinations.putAll(service.destinations());
        services.put(key, new EffectiveService(service.value(), destinations));
      }
    }
    return new Effective(services);
  }

  /** The destinations of an effective state that drain rather than serve. */
  public static Set<ServiceDestination> draining(Desired desired, Effective effective) {
    Set<ServiceDestination> drains = new TreeSet<>();
    for (DesiredService wanted : desired.services().values()) {
      EffectiveService service = effective.services().get(wanted.service().key());
      if (service == null) {
        continue;
      }
      boolean anyReady = anyReady(wanted.endpoints().values());
      for (Endpoint endpoint : wanted.endpoints().values()) {
        boolean serving =
            switch (endpoint.condition()) {
              case READY -> true;
              case SERVING_TERMINATING -> !anyReady;
              case ELSEWHERE, TERMINATING -> false;
            };
        DestinationKey at = endpoint.destination().key();
        if (!serving && service.destinations().containsKey(at)) {
          drains.add(new ServiceDestination(wanted.service().key(), at));
        }
      }
    }
    return drains;
  }

  /** The reasons behind {@link #effective} for the same arguments. */
  public Diff.Reasons reasons(Desired desired, Effective observed, DrainClock clock, long now) {
    return reasons(desired, observed, clock, (_, _) -> Health.UNKNOWN, now);
  }

  /** The same, where something is known of health. */
  public Diff.Reasons reasons(
      Desired desired,
      Effective observed,
      DrainClock clock,
      BiFunction<ServiceKey, DestinationKey, Health> health,
      long now) {
    return new Diff.Reasons() {
      @Override
      public String service(ServiceKey key) {
        DesiredService wanted = desired.services().get(key);
        EffectiveService held = observed.services().get(key);
        return serviceReason(wanted, held == null ? null : held.value());
      }

      @Override
      public String destination(ServiceKey key, DestinationKey at) {
        DesiredService wanted = desired.services().get(key);
        if (wanted == null) {
          return NOT_IN_INPUT;
        }
        EffectiveService held = observed.services().get(key);
        return judge(
                wanted.service(),
                wanted.endpoints().get(at),
                anyReady(wanted.endpoints().values()),
                held == null ? null : held.destinations().get(at),
                clock.since(key, at),
                health.apply(key, at),
                now)
            .reason();
      }
    };
  }

  static String serviceReason(@Nullable DesiredService wanted, @Nullable VirtualService held) {
    if (wanted == null) {
      return NOT_IN_INPUT;
    }
    return held == null
        ? "asked for by " + wanted.owner()
        : "differs from what " + wanted.owner() + " asks for";
  }
}
