package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Asked;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.Health;
import dev.freeway.dataplane.core.HealthBook;
import dev.freeway.dataplane.core.Outliers;
import dev.freeway.dataplane.core.Planner;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.Marked;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Between the planner and those who know how destinations are: says whom to ask, and takes in what
 * is answered and what their traffic shows. Owned by the writer's thread.
 */
final class HealthWatch {
  /** Whom to ask is said so far apart: in a storm of endpoints each time costs as many as are. */
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** The kernel does not answer: asked again after so long. */
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private static final Duration TIDY = Duration.ofMinutes(1);

  private final Checks checks;
  private final ProbeMarks marks;
  private final LongSupplier clock;
  private final HealthBook book = new HealthBook();
  private final Outliers outliers = new Outliers();
  private Set<ServiceDestination> asked = Set.of();
  private long version;
  private long tidiedNanos;
  private long saidNanos;

  HealthWatch(Checks checks, IpvsTable table, LongSupplier clock) {
    this.checks = checks;
    this.marks = new ProbeMarks(table);
    this.clock = clock;
    this.saidNanos = clock.getAsLong() - PAUSE.toNanos();
    this.tidiedNanos = clock.getAsLong();
  }

  /** What is thought of a destination. */
  Health of(ServiceKey service, DestinationKey destination) {
    return book.of(service, destination);
  }

  /** Takes in a word; answers whether a destination is taken out by it, or comes back. */
  boolean heard(Planner planner, Event.HealthChanged event) {
    ServiceDestination of = new ServiceDestination(event.service(), event.destination());
    if (!asked.contains(of)) {
      return false; // a late word: nobody would take it back
    }
    boolean was = book.of(of.service(), of.destination()).out();
    List<HealthBook.Changed> changed =
        book.checked(of, event.health(), clock.getAsLong()).stream().toList();
    tell(planner, changed);
    return changed.stream().anyMatch(one -> was || one.health().out());
  }

  /** Takes in what a service's destinations carried by a dump. */
  void counted(Planner planner, ObservedService seen) {
    ServiceKey service = seen.value().orElseThrow().key();
    if (!planner.ejects(service)) {
      return;
    }
    long now = clock.getAsLong();
    for (ObservedDestination destination : seen.destinations()) {
      ServiceDestination of = new ServiceDestination(service, destination.value().key());
      boolean passes = destination.value().forwarding() == Forwarding.NAT;
      outliers
          .look(
              of,
              new Outliers.Counters(
                  destination.statistics().connections(),
                  passes ? destination.statistics().outPackets() : -1,
                  destination.refused(),
                  destination.lost()),
              now)
          .flatMap(reason -> book.ejected(of, reason, now))
          .ifPresent(changed -> tell(planner, List.of(changed)));
    }
  }

  private static void tell(Planner planner, List<HealthBook.Changed> changed) {
    for (HealthBook.Changed one : changed) {
      planner.healthChanged(one.of().service(), one.of().destination());
    }
  }

  /** Does what is due; answers whether the planner has to look again. */
  boolean tick(Planner planner) {
    long now = clock.getAsLong();
    List<HealthBook.Changed> changed = book.expire(now);
    tell(planner, changed);
    boolean any = !changed.isEmpty();
    if (planner.checksVersion() != version && now - saidNanos >= PAUSE.toNanos()) {
      version = planner.checksVersion();
      saidNanos = now;
      Map<ServiceDestination, Asked> all = planner.checks();
      asked = Set.copyOf(all.keySet());
      List<HealthBook.Changed> forgotten = book.asked(asked, now);
      tell(planner, forgotten);
      any |= !forgotten.isEmpty();
      say(all, now);
    }
    if (now - tidiedNanos >= TIDY.toNanos()) {
      tidiedNanos = now;
      book.tidy(now);
      outliers.forgetBefore(now - TIDY.toNanos());
    }
    return any;
  }

  private void say(Map<ServiceDestination, Asked> desired, long now) {
    Map<ServiceDestination, Integer> led;
    try {
      led = marks.follow(desired);
    } catch (NetlinkException e) {
      led = Map.of(); // meanwhile they are checked the plain way
      version = -1;
      saidNanos = now + AGAIN.toNanos();
    }
    Map<ServiceDestination, Checks.Check> all = HashMap.newHashMap(desired.size());
    for (Map.Entry<ServiceDestination, Asked> one : desired.entrySet()) {
      all.put(
          one.getKey(),
          new Checks.Check(
              one.getValue().check(), led.getOrDefault(one.getKey(), 0), one.getValue().proxy()));
    }
    checks.watch(all);
  }

  /** Takes in a list of the table: what leads checks is repaired. */
  void listed(Set<Marked.Key> seen) {
    if (marks.listed(seen)) {
      version = -1;
    }
  }

  /** When {@link #tick} has something to do. */
  OptionalLong nextDeadline(Planner planner) {
    OptionalLong over = book.nextDeadline();
    if (planner.checksVersion() == version) {
      return over;
    }
    long say = saidNanos + PAUSE.toNanos();
    return OptionalLong.of(over.isPresent() && over.getAsLong() - say < 0 ? over.getAsLong() : say);
  }
}
