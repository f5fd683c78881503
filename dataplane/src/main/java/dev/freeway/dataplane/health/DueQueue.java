package dev.freeway.dataplane.health;

import java.util.Arrays;

/**
 * Targets by the time at which something is to be done with them: a binary heap that can forget.
 */
final class DueQueue {
  private Watched[] heap = new Watched[16];
  private int size;

  /** The time of the first; {@link Long#MAX_VALUE} when there is none. */
  long firstDue() {
    return size == 0 ? Long.MAX_VALUE : heap[0].due;
  }

  /** Adds one that is not in it. */
  void add(Watched one, long due) {
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    one.due = due;
    up(size++, one);
  }

  /** Takes the first one out. */
  Watched poll() {
    Watched first = heap[0];
    remove(first);
    return first;
  }

  /** Takes one out, if it is in it. */
  void remove(Watched one) {
    int place = one.place;
    if (place < 0) {
      return;
    }
    one.place = -1;
    Watched last = heap[--size];
    if (last != one) {
      down(place, last);
      if (heap[place] == last) {
        up(place, last);
      }
    }
  }

  private void up(int from, Watched one) {
    int place = from;
    while (place > 0) {
      int parent = (place - 1) / 2;
      if (heap[parent].due <= one.due) {
        break;
      }
      put(place, heap[parent]);
      place = parent;
    }
    put(place, one);
  }

  private void down(int from, Watched one) {
    int place = from;
    for (int child = 2 * place + 1; child < size; child = 2 * place + 1) {
      if (child + 1 < size && heap[child + 1].due < heap[child].due) {
        child++;
      }
      if (heap[child].due >= one.due) {
        break;
      }
      put(place, heap[child]);
      place = child;
    }
    put(place, one);
  }

  private void put(int place, Watched one) {
    heap[place] = one;
    one.place = place;
  }
}
