package dev.freeway.dataplane.core;

import java.util.List;

/**
 * Something that happened to the desired state, or to the routers. Events of one source arrive in
 * their order.
 */
public sealed interface Event {
  /** When it was received, in nanoseconds of {@link System#nanoTime}. */
  long receivedNanos();

  /** A whole, fresh desired state; before the first one nothing is deleted. */
  record DesiredReplaced(Desired desired, long receivedNanos) implements Event {}

  /**
   * The last good desired state, recalled because nobody can be asked now: it is served and
   * repaired, and nothing is deleted for not being in it.
   */
  record DesiredRecalled(Desired desired, long receivedNanos) implements Event {}

  /** A service is new, or anything about it or its endpoints changed. */
  record ServiceChanged(DesiredService service, long receivedNanos) implements Event {}

  /** A service is no longer wanted. */
  record ServiceRemoved(ServiceKey service, long receivedNanos) implements Event {}

  /**
   * Some endpoints of a service changed.
   *
   * @param service a service that was named before; otherwise the event is ignored
   * @param present endpoints that are new or differ
   * @param gone endpoints that left
   * @param awaited as {@link DesiredService#awaited}
   */
  record EndpointsChanged(
      ServiceKey service,
      List<Endpoint> present,
      List<DestinationKey> gone,
      boolean awaited,
      long receivedNanos)
      implements Event {
    /** Of a service that awaits nobody. */
    public EndpointsChanged(
        ServiceKey service, List<Endpoint> present, List<DestinationKey> gone, long receivedNanos) {
      this(service, present, gone, false, receivedNanos);
    }
  }

  /** Checks say something else of a destination than before. */
  record HealthChanged(
      ServiceKey service, DestinationKey destination, Health health, long receivedNanos)
      implements Event {}

  /** Other routers live than before, or nobody can be asked any more, or again. */
  record RoutersChanged(Routers routers, long receivedNanos) implements Event {}
}
