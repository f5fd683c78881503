package dev.freeway.dataplane.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One destination, desired or held, as the {@link Planner} knows it. About 200 bytes with its key,
 * address and value.
 */
final class Slot {
  /** It carries connections, or nobody looked. */
  static final long BUSY = Long.MIN_VALUE;

  /** It has its full weight, or none. */
  static final long NOT_WARMING = Long.MIN_VALUE;

  @Nullable Endpoint wanted;
  @Nullable Destination held;
  long drainingSince = Policy.NOT_DRAINING;
  long quietSince = BUSY;
  long warmingSince = NOT_WARMING;
  long dueNanos = Agenda.NOTHING_DUE;
  boolean tampered;
  boolean out; // by its health, whether or not it is left out for it
  boolean able; // ready, and of a weight
  boolean noted; // has a condition

  /** Whether Kubernetes calls it ready. */
  boolean ready() {
    return ready(wanted);
  }

  /** Whether Kubernetes calls an endpoint ready. */
  static boolean ready(@Nullable Endpoint endpoint) {
    return endpoint != null && endpoint.condition() == Endpoint.Condition.READY;
  }

  /**
   * Whether it is held at weight 0 and asked for at it: so does an input that stands in for a part
   * that cannot be read, and what that part says decides whether the drain goes on.
   */
  boolean undecided() {
    return held != null
        && held.weight() == 0
        && wanted != null
        && ready()
        && wanted.destination().weight() == 0;
  }

  /** Adds the change after which the kernel holds this of it, where it does not. */
  void put(ServiceKey service, Destination value, String reason, List<Change> into) {
    if (held == null) {
      into.add(Change.addDestination(service, value, reason));
    } else if (!held.equals(value)) {
      into.add(Change.setDestination(service, held, value, reason));
    } else {
      tampered = false;
    }
  }

  /** Whether the kernel sends it new connections. */
  boolean serves() {
    return held != null && held.weight() > 0;
  }
}
