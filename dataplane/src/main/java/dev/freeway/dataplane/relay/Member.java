package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * A destination and what it carries. What is set of it is changed and read under its service's
 * lock; what it carries is counted by every event loop.
 */
final class Member {
  private final InetSocketAddress address;
  private Destination value;
  private int lastWeight;
  private boolean overloaded;

  /** Connections in both directions, as the kernel's ESTABLISHED. */
  final AtomicInteger active = new AtomicInteger();

  /** Connections in any other state, and flows of UDP. */
  final AtomicInteger inactive = new AtomicInteger();

  /** Connections that it refused or let wait. */
  final LongAdder refused = new LongAdder();

  /** Connections that it took, and reset before it said anything. */
  final LongAdder lost = new LongAdder();

  final Traffic traffic = new Traffic();

  Member(Destination value) {
    this.value = value;
    this.address = new InetSocketAddress(value.key().address().toInetAddress(), value.key().port());
    this.lastWeight = value.weight();
  }

  DestinationKey key() {
    return value.key();
  }

  /** Where it takes connections. */
  InetSocketAddress address() {
    return address;
  }

  Destination value() {
    return value;
  }

  /** The last weight that was not 0: by it {@code mh} shares its table. */
  int lastWeight() {
    return lastWeight;
  }

  void set(Destination next) {
    value = next;
    if (next.weight() > 0) {
      lastWeight = next.weight();
    }
    overloaded &= next.upperThreshold() > 0;
    count();
  }

  /**
   * Takes in what it carries: above its upper threshold it gets nothing new, until below the lower.
   */
  void count() {
    int upper = value.upperThreshold();
    if (upper == 0) {
      return;
    }
    int total = active.get() + inactive.get();
    int lower = value.lowerThreshold();
    if (total >= upper) {
      overloaded = true;
    } else if (lower > 0 ? total < lower : total * 4 < upper * 3) { // __ip_vs_dst_update_overload
      overloaded = false;
    }
  }

  /** Whether it takes new connections. */
  boolean available() {
    return value.weight() > 0 && !overloaded;
  }

  boolean overloaded() {
    return overloaded;
  }

  /** What {@code lc} and {@code wlc} compare: an active connection costs 256 inactive ones. */
  long overhead() {
    return ((long) active.get() << 8) + inactive.get();
  }
}
