package dev.freeway.dataplane.core;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Desired destinations that do not serve as the others, and services that use all of theirs, as
 * people are told of them. Costs nothing for those that serve, which are the most. Owned by the
 * writer's thread.
 */
final class Conditions {
  private final Fitness fitness;
  private final Map<ServiceDestination, Condition> conditions = new HashMap<>();
  private final Set<ServiceKey> panicking = new HashSet<>();
  private long version;

  Conditions(Fitness fitness) {
    this.fitness = fitness;
  }

  /**
   * Takes in what became of a destination.
   *
   * @param waits whether for its first check
   */
  void note(
      Track track, DestinationKey key, Slot slot, boolean waits, Policy.Verdict verdict, long now) {
    Condition.State state = waits ? Condition.State.UNCHECKED : state(slot, verdict);
    if (state == null && !slot.noted) {
      return; // the most
    }
    ServiceDestination of = new ServiceDestination(track.key, key);
    Condition before = conditions.get(of);
    slot.noted = state != null;
    if (state == null) {
      conditions.remove(of);
      version++;
      return;
    }
    String reason =
        switch (state) {
          case PANIC -> fitness.reason(track, key);
          case WARMING -> "its weight grows, in steps";
          case OUT, UNCHECKED, DRAINING, LEAVING -> verdict.reason();
        };
    if (before == null || before.state() != state || !before.reason().equals(reason)) {
      long since = before != null && before.state() == state ? before.sinceNanos() : now;
      conditions.put(of, new Condition(state, reason, since));
      version++;
    }
  }

  private static Condition.@Nullable State state(Slot slot, Policy.Verdict verdict) {
    return switch (verdict) {
      case Policy.Verdict.Serving _ ->
          slot.out
              ? Condition.State.PANIC
              : slot.warmingSince != Slot.NOT_WARMING ? Condition.State.WARMING : null;
      case Policy.Verdict.Draining _ -> Condition.State.DRAINING;
      case Policy.Verdict.Out _ -> Condition.State.OUT;
      case Policy.Verdict.Gone _ ->
          slot.wanted == null ? null : slot.ready() ? Condition.State.OUT : Condition.State.LEAVING;
    };
  }

  /** A service uses all of its destinations from now on, or does no longer. */
  void panic(Track track) {
    if (track.panic ? panicking.add(track.key) : panicking.remove(track.key)) {
      version++;
    }
  }

  /** Nothing is to be said of a service any more. */
  void forget(Track track) {
    if (panicking.remove(track.key)) {
      version++;
    }
    track.slots.forEach(
        (key, slot) -> {
          if (slot.noted) {
            slot.noted = false;
            conditions.remove(new ServiceDestination(track.key, key));
            version++;
          }
        });
  }

  /** Those of destinations that have one. */
  Map<ServiceDestination, Condition> all() {
    return new HashMap<>(conditions);
  }

  /** Services that use all of their destinations. */
  Set<ServiceKey> panicking() {
    return Set.copyOf(panicking);
  }

  /** Another number after {@link #all} or {@link #panicking} changed. */
  long version() {
    return version;
  }
}
