package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Effective;
import dev.freeway.dataplane.core.EffectiveService;
import dev.freeway.dataplane.core.Endpoint;
import dev.freeway.dataplane.core.Health;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The destinations that stay out by the record of the last {@code run}, for those who check nobody.
 * As at its restart, one counts that is ready, that its service has checked, and that the kernel
 * does not serve; and where more are out than may be, none is left out.
 *
 * @param since in milliseconds since the boot
 */
record KnownOut(SortedMap<ServiceDestination, Long> since) {
  private static final Health OUT =
      new Health(Health.State.FAILING, "out by its health check, by the record of run");

  /**
   * Those of a record that count.
   *
   * @param wanted the services that are desired
   * @param observed what the kernel holds of them
   */
  static KnownOut of(
      SortedMap<ServiceDestination, Long> recorded,
      Map<ServiceKey, DesiredService> wanted,
      Effective observed) {
    TreeMap<ServiceDestination, Long> since = new TreeMap<>();
    TreeMap<ServiceKey, Integer> out = new TreeMap<>();
    recorded.forEach(
        (of, begun) -> {
          DesiredService service = wanted.get(of.service());
          if (service != null
              && service.health().check() != null
              && isReady(service.endpoints().get(of.destination()))
              && !serves(of, observed)) {
            since.put(of, begun);
            if (isAble(service.endpoints().get(of.destination()))) {
              out.merge(of.service(), 1, Integer::sum);
            }
          }
        });
    out.entrySet().removeIf(entry -> mayBeOut(entry.getValue(), wanted.get(entry.getKey())));
    since.keySet().removeIf(of -> out.containsKey(of.service())); // all of those are used
    return new KnownOut(since);
  }

  private static boolean isReady(@Nullable Endpoint endpoint) {
    return endpoint != null && endpoint.condition() == Endpoint.Condition.READY;
  }

  /** Whether it would get connections: those alone are counted. */
  private static boolean isAble(@Nullable Endpoint endpoint) {
    return endpoint != null && isReady(endpoint) && endpoint.destination().weight() > 0;
  }

  private static boolean serves(ServiceDestination of, Effective observed) {
    EffectiveService service = observed.services().get(of.service());
    Destination held = service == null ? null : service.destinations().get(of.destination());
    return held != null && held.weight() > 0;
  }

  private static boolean mayBeOut(int out, @Nullable DesiredService service) {
    return service != null
        && out
            <= service
                .health()
                .mostOutOf(
                    (int) service.endpoints().values().stream().filter(KnownOut::isAble).count());
  }

  /** What is thought of a destination. */
  Health health(ServiceKey service, DestinationKey destination) {
    return !since.isEmpty() && since.containsKey(new ServiceDestination(service, destination))
        ? OUT
        : Health.UNKNOWN;
  }
}
