package dev.freeway.dataplane.core;

import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;

/**
 * When destinations are to be looked at again although nothing happens: at the end of a drain, of a
 * wait or of a step. One time for each, the last that was asked for. Owned by the writer's thread.
 */
final class Agenda {
  /** Nothing is to be looked at of its own accord. */
  static final long NOTHING_DUE = Long.MIN_VALUE;

  /** A destination is to be looked at again then; stale once its slot says otherwise. */
  private record Due(Track track, DestinationKey destination, long nanos) {
    private static int compare(Due one, Due other) {
      return Long.compare(one.nanos - other.nanos, 0); // nanoTime may wrap around
    }

    boolean stale() {
      Slot slot = track.slots.get(destination);
      return slot == null || slot.dueNanos != nanos;
    }
  }

  private final PriorityQueue<Due> due = new PriorityQueue<>(Due::compare);

  /** It is to be looked at again then, by the clock of {@link Planner#changes}. */
  void lookAgain(Track track, DestinationKey key, Slot slot, long nanos) {
    if (slot.dueNanos != nanos) {
      slot.dueNanos = nanos;
      due.add(new Due(track, key, nanos));
    }
  }

  /** Hands over what is due by now. */
  void expire(long now, BiConsumer<Track, DestinationKey> to) {
    for (Due next = due.peek(); next != null; next = due.peek()) {
      if (!next.stale()) {
        if (now - next.nanos < 0) {
          return;
        }
        to.accept(next.track, next.destination);
      }
      due.remove();
    }
  }

  /** When {@link #expire} next has something to hand over. */
  OptionalLong nextDeadline() {
    for (Due next = due.peek(); next != null; next = due.peek()) {
      if (!next.stale()) {
        return OptionalLong.of(next.nanos);
      }
      due.remove();
    }
    return OptionalLong.empty();
  }
}
