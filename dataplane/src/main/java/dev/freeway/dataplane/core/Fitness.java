package dev.freeway.dataplane.core;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the health of destinations means for a service: who is out, whether so many are that all are
 * used, who waits for a first check, and with how much of its weight one begins. Owned by the
 * writer's thread; what it keeps of a service and a destination is in {@link Track} and {@link
 * Slot}, so that an event costs what it touches.
 */
final class Fitness {
  private final BiFunction<ServiceKey, DestinationKey, Health> health;
  private final Agenda agenda;
  private final Map<ServiceKey, Set<DestinationKey>> recorded = new HashMap<>();
  private long checksVersion;

  /**
   * A judge of health.
   *
   * @param health of a destination now
   * @param agenda where the end of a wait, and the next step of a slow start, are put
   */
  Fitness(BiFunction<ServiceKey, DestinationKey, Health> health, Agenda agenda) {
    this.health = health;
    this.agenda = agenda;
  }

  /** What is thought of a destination that is not well; of others, that nothing is known. */
  Health thought(Track track, DestinationKey key, Slot slot) {
    return slot.out ? of(track, key) : Health.UNKNOWN;
  }

  private Health of(Track track, DestinationKey key) {
    return health.apply(track.key, key);
  }

  /** Counts a destination that is wanted in another way, or thought of in another, than before. */
  void countOut(Track track, DestinationKey key, Slot slot) {
    boolean wasAble = slot.able;
    boolean wasOut = slot.out && wasAble;
    Endpoint wanted = slot.wanted;
    slot.able = wanted != null && slot.ready() && wanted.destination().weight() > 0;
    slot.out = slot.ready() && of(track, key).out();
    track.able += (slot.able ? 1 : 0) - (wasAble ? 1 : 0);
    track.out += (slot.out && slot.able ? 1 : 0) - (wasOut ? 1 : 0);
  }

  /** Decides whether so many are out that all are used; answers whether that is news. */
  boolean panics(Track track) {
    boolean panic = track.out > 0 && track.out > track.rules().mostOutOf(track.able);
    boolean news = panic != track.panic;
    track.panic = panic;
    return news;
  }

  /** While a check is awaited, the one that was known stands. */
  static DesiredService keepingCheck(@Nullable DesiredService before, DesiredService service) {
    HealthCheck known = before == null ? null : before.health().check();
    return service.health().awaited() && known != null
        ? service.with(service.health().with(known))
        : service;
  }

  /** Takes in what a process before this one had taken out, by its record. */
  void wereOut(Set<ServiceDestination> those) {
    for (ServiceDestination of : those) {
      recorded.computeIfAbsent(of.service(), _ -> new HashSet<>()).add(of.destination());
    }
  }

  /**
   * Those of a service that is not in the table that were out before; none where more were than may
   * be, of those that there are now.
   */
  private static Set<DestinationKey> stillOut(Set<DestinationKey> were, DesiredService service) {
    Set<DestinationKey> able = new HashSet<>();
    service
        .endpoints()
        .forEach(
            (key, endpoint) -> {
              if (Slot.ready(endpoint) && endpoint.destination().weight() > 0) {
                able.add(key);
              }
            });
    Set<DestinationKey> still = new HashSet<>(able);
    still.retainAll(were);
    return still.size() > service.health().mostOutOf(able.size()) ? Set.of() : still;
  }

  /** A service is wanted: one that was there before us, and is to be checked, is so at once. */
  void begin(Track track, @Nullable DesiredService before, DesiredService service, long now) {
    if (before == null) {
      Set<DestinationKey> were = recorded.getOrDefault(track.key, Set.of());
      recorded.remove(track.key);
      track.wereOut = track.held == null ? stillOut(were, service) : null;
    }
    boolean starts = before == null && (track.wereOut == null || !track.wereOut.isEmpty());
    boolean knowsNow =
        track.uncheckedUntil != Long.MIN_VALUE && before != null && before.health().awaited();
    if (starts || knowsNow) {
      HealthRules rules = service.health();
      track.uncheckedUntil =
          rules.check() != null || rules.awaited()
              ? now + rules.firstWord().toNanos()
              : Long.MIN_VALUE;
    }
  }

  /**
   * Whether a destination that does not serve waits for its first check since the start: a process
   * before this one may have taken it out.
   */
  boolean waits(Track track, DestinationKey key, Slot slot, long now) {
    if (track.uncheckedUntil == Long.MIN_VALUE) {
      return false;
    }
    if (now - track.uncheckedUntil >= 0) {
      track.uncheckedUntil = Long.MIN_VALUE;
      return false;
    }
    if (!slot.ready() || slot.serves() || of(track, key).state() != Health.State.UNKNOWN) {
      return false;
    }
    if (track.wereOut != null && !track.wereOut.contains(key)) {
      return false; // nothing was there, so that it is not says nothing
    }
    agenda.lookAgain(track, key, slot, track.uncheckedUntil);
    return true;
  }

  /** What becomes of one that {@link #waits}: it stays as it is. */
  static Policy.Verdict unchecked(Slot slot) {
    String reason = "not checked yet since the start";
    return slot.held == null
        ? new Policy.Verdict.Gone(reason)
        : new Policy.Verdict.Out(slot.held, reason);
  }

  /** Its weight now, where it grows in steps. */
  Destination warming(Track track, DestinationKey key, Slot slot, Destination full, long now) {
    HealthRules rules = track.rules();
    boolean begins = !slot.serves();
    if (rules.slowStart().isZero() || full.weight() == 0) {
      slot.warmingSince = Slot.NOT_WARMING;
      return full;
    }
    if (begins
        && slot.warmingSince == Slot.NOT_WARMING
        && track.held != null
        && othersServe(track, key)) {
      slot.warmingSince = now;
    }
    if (slot.warmingSince == Slot.NOT_WARMING) {
      return full;
    }
    long next = rules.nextStep(now - slot.warmingSince);
    if (next == 0) {
      slot.warmingSince = Slot.NOT_WARMING;
      return full;
    }
    agenda.lookAgain(track, key, slot, now + next);
    return full.with(rules.weight(full.weight(), now - slot.warmingSince));
  }

  /** Whether others of its service serve: who is alone has nobody to leave the load to. */
  private static boolean othersServe(Track track, DestinationKey key) {
    for (Map.Entry<DestinationKey, Slot> other : track.slots.entrySet()) {
      if (other.getValue().serves() && !other.getKey().equals(key)) {
        return true;
      }
    }
    return false;
  }

  /** Why one is out, for people. */
  String reason(Track track, DestinationKey key) {
    return of(track, key).reason();
  }

  /** What {@link #checks} says may be another from now on. */
  void checksChanged() {
    checksVersion++;
  }

  /** Another number after {@link #checks} may have changed. */
  long checksVersion() {
    return checksVersion;
  }

  /** What is to be asked of every destination of these services that is to be checked. */
  Map<ServiceDestination, Asked> checks(Collection<Track> tracks) {
    Map<ServiceDestination, Asked> checks = new HashMap<>();
    for (Track track : tracks) {
      HealthCheck check = track.rules().check();
      if (check != null && !track.foreign) {
        RelayRules.ProxyProtocol proxy = track.proxy();
        track.slots.forEach(
            (key, slot) -> {
              Endpoint wanted = slot.wanted;
              if (wanted != null && slot.ready()) {
                checks.put(
                    new ServiceDestination(track.key, key),
                    new Asked(check, wanted.destination(), proxy));
              }
            });
      }
    }
    return checks;
  }
}
