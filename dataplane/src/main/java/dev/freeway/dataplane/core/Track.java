package dev.freeway.dataplane.core;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One service, desired or held, as the {@link Planner} knows it. */
final class Track {
  final ServiceKey key;
  @Nullable DesiredService wanted; // its endpoints are in the slots, not here
  @Nullable VirtualService held;
  final Map<DestinationKey, Slot> slots = new HashMap<>();
  final Set<DestinationKey> terminating = new LinkedHashSet<>();
  int ready;
  int able; // of the ready ones, those with a weight: without one a destination gets nothing
  int out; // of those
  boolean panic; // too many are out: all are used
  long uncheckedUntil = Long.MIN_VALUE; // after a start
  @Nullable Set<DestinationKey> wereOut; // of a start without a table: those alone wait till then
  boolean foreign;
  boolean unseen; // it is there, and what it holds is not read yet
  boolean tampered;
  boolean queued;
  boolean allDirty;
  Set<DestinationKey> dirty = new LinkedHashSet<>();

  Track(ServiceKey key) {
    this.key = key;
  }

  /** What is asked for the health of its destinations. */
  HealthRules rules() {
    return wanted == null ? HealthRules.NONE : wanted.health();
  }

  /** The header that its destinations expect of TCP connections. */
  RelayRules.ProxyProtocol proxy() {
    return wanted == null || key.protocol() != Protocol.TCP
        ? RelayRules.ProxyProtocol.NONE
        : wanted.relay().proxy();
  }

  /** Whether its destinations are to be checked. */
  boolean checked() {
    return rules().check() != null;
  }

  /**
   * Whether it is to rewrite its clients' addresses and does not translate yet: nothing of it is
   * held by NAT.
   */
  boolean beginsSourceNat() {
    if (wanted == null || !wanted.sourceNat()) {
      return false;
    }
    for (Slot slot : slots.values()) {
      if (slot.held != null && slot.held.forwarding() == Forwarding.NAT) {
        return false;
      }
    }
    return true;
  }

  /** Whether endpoints are to serve, now or once they are ready, and none does. */
  boolean lacksBackend() {
    boolean asked = wanted != null && wanted.awaited();
    for (Slot slot : slots.values()) {
      if (slot.serves()) {
        return false; // nearly always the first
      }
      asked |= slot.wanted != null && slot.ready() && slot.wanted.destination().weight() > 0;
    }
    return asked;
  }

  /**
   * The kernel holds this of it now.
   *
   * @param sure whether what differs from what was believed is another program's doing
   */
  void seen(EffectiveService seen, boolean sure) {
    boolean believed = sure && held != null;
    unseen = false;
    tampered |= believed && !seen.value().equals(held);
    held = seen.value();
    for (Map.Entry<DestinationKey, Slot> entry : slots.entrySet()) {
      Slot slot = entry.getValue();
      Destination value = seen.destinations().get(entry.getKey());
      if (value == null ? slot.held != null : !value.equals(slot.held)) {
        slot.tampered |= believed;
        slot.held = value;
      }
    }
    for (Destination value : seen.destinations().values()) {
      if (!slots.containsKey(value.key())) {
        Slot slot = new Slot();
        slot.held = value;
        slot.tampered = believed;
        slots.put(value.key(), slot);
      }
    }
  }

  /**
   * The kernel does not hold it now.
   *
   * @param sure as for {@link #seen}
   */
  void gone(boolean sure) {
    if (sure && held != null) {
      tampered = true;
      for (Slot slot : slots.values()) {
        slot.tampered |= slot.held != null;
      }
    }
    unseen = false;
    forget();
  }

  /** The kernel does not hold it, nor anything of it. */
  void forget() {
    held = null;
    for (Slot slot : slots.values()) {
      slot.held = null;
    }
  }
}
