package dev.freeway.dataplane.core;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Since when destinations drain: those that the slots say, and those that a process before this one
 * began and that are not judged yet. Owned by the writer's thread.
 */
final class Drains {
  private final Duration limit;
  private final Agenda agenda;
  private final Map<ServiceDestination, Long> begun = new HashMap<>(); // what the slots say too
  private final Map<ServiceDestination, Long> resumed = new HashMap<>(); // and not yet judged
  private long version;

  /**
   * None yet.
   *
   * @param limit how long one lasts at most
   * @param agenda where its end is put
   */
  Drains(Duration limit, Agenda agenda) {
    this.limit = limit;
    this.agenda = agenda;
  }

  /** Takes in one that a process before this one began. */
  void resume(ServiceDestination of, long sinceNanos) {
    resumed.put(of, sinceNanos);
  }

  /** Judges a destination, if it is one of those that were resumed and the time has come. */
  void judge(Track track, DestinationKey key, Slot slot) {
    if (resumed.isEmpty() || slot.undecided()) {
      return;
    }
    Long since = resumed.remove(new ServiceDestination(track.key, key));
    if (since != null) {
      version++;
      if (slot.held != null && slot.held.weight() == 0) {
        begin(track, key, slot, since);
      }
    }
  }

  /** Of those that are still to be judged these alone remain. */
  void retain(Predicate<ServiceDestination> undecided) {
    if (resumed.keySet().removeIf(of -> !undecided.test(of))) {
      version++;
    }
  }

  /** A destination drains since then, unless it did before. */
  void begin(Track track, DestinationKey key, Slot slot, long sinceNanos) {
    if (slot.drainingSince == Policy.NOT_DRAINING) {
      slot.drainingSince = sinceNanos;
      slot.quietSince = Slot.BUSY;
      agenda.lookAgain(track, key, slot, sinceNanos + limit.toNanos());
      begun.put(new ServiceDestination(track.key, key), sinceNanos);
      version++;
    }
  }

  /** A destination drains no longer, if it did. */
  void end(Track track, DestinationKey key, Slot slot) {
    if (slot.drainingSince != Policy.NOT_DRAINING) {
      slot.drainingSince = Policy.NOT_DRAINING;
      slot.dueNanos = Agenda.NOTHING_DUE;
      begun.remove(new ServiceDestination(track.key, key));
      version++;
    }
  }

  /** Nothing of a service drains any longer. */
  void end(Track track) {
    track.slots.forEach((key, slot) -> end(track, key, slot));
  }

  /** How many destinations drain. */
  int size() {
    return begun.size();
  }

  /** Since when, those among them that are still to be judged. */
  Map<ServiceDestination, Long> all() {
    Map<ServiceDestination, Long> all = new HashMap<>(resumed);
    all.putAll(begun);
    return all;
  }

  /** Another number after {@link #all} changed. */
  long version() {
    return version;
  }
}
