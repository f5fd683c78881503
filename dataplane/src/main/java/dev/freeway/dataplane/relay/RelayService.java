package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * A service and its members. The lock guards all but the counters: the writer changes members, and
 * every event loop asks for one for each new connection.
 */
final class RelayService {
  private final LongSupplier clock;
  private VirtualService value;
  private Scheduling scheduling;
  private final List<Member> members = new ArrayList<>(); // the last added first, as in the kernel
  private final Persistence persistence = new Persistence();

  final Traffic traffic = new Traffic();

  RelayService(VirtualService value, Scheduling scheduling, LongSupplier clock) {
    this.value = value;
    this.scheduling = scheduling;
    this.clock = clock;
  }

  synchronized VirtualService value() {
    return value;
  }

  synchronized void set(VirtualService next, Scheduling other) {
    boolean rescheduled = !next.scheduler().equals(value.scheduler());
    if (next.persistenceBits() != value.persistenceBits()) {
      persistence.clear();
    }
    value = next;
    if (rescheduled) {
      scheduling = other;
      scheduling.changed(members);
    }
  }

  synchronized Optional<Member> member(DestinationKey key) {
    return members.stream().filter(member -> member.key().equals(key)).findFirst();
  }

  synchronized List<Member> members() {
    return List.copyOf(members);
  }

  synchronized void add(Destination destination) {
    members.addFirst(new Member(destination));
    scheduling.changed(members);
  }

  synchronized void set(Member member, Destination destination) {
    member.set(destination);
    scheduling.changed(members);
  }

  synchronized void remove(Member member) {
    members.remove(member);
    persistence.forget(member);
    scheduling.changed(members);
  }

  /**
   * The member that a client's new connection goes to; it counts that as inactive, until {@link
   * #over}.
   *
   * @param tried members that did not take it
   */
  synchronized Optional<Member> choose(IpAddress client, int port, Set<Member> tried) {
    Optional<Member> member = find(client, port, tried);
    member.ifPresent(
        one -> {
          one.inactive.incrementAndGet();
          one.count();
        });
    return member;
  }

  private Optional<Member> find(IpAddress client, int port, Set<Member> tried) {
    boolean sticks = value.persistenceSeconds() > 0;
    Optional<Member> member =
        sticks && tried.isEmpty()
            ? persistence.find(prefix(client), clock.getAsLong())
            : Optional.empty();
    if (member.isEmpty()) {
      member = scheduling.choose(members, client, port, tried);
    }
    if (!tried.isEmpty() && member.filter(one -> !tried.contains(one)).isEmpty()) {
      // It names one again, or its path passes by the others: whichever is left takes it.
      member = members.stream().filter(one -> one.available() && !tried.contains(one)).findFirst();
    }
    if (sticks) {
      member.ifPresent(one -> keep(prefix(client), one));
    }
    return member;
  }

  private IpAddress prefix(IpAddress client) {
    return Prefix.around(client, value.persistenceBits()).address();
  }

  private void keep(IpAddress prefix, Member member) {
    persistence.keep(
        prefix,
        member,
        clock.getAsLong() + Duration.ofSeconds(value.persistenceSeconds()).toNanos());
  }

  /**
   * A client's connection to a member ended.
   *
   * @param active whether it was counted as that
   */
  synchronized void over(Member member, IpAddress client, boolean active) {
    (active ? member.active : member.inactive).decrementAndGet();
    member.count();
    if (!persistence.isEmpty()) {
      persistence.left(prefix(client), member);
    }
  }

  /** A read of {@code bytes} from a client of a member. */
  void in(Member member, int bytes) {
    traffic.in(bytes);
    member.traffic.in(bytes);
  }

  /** A read of {@code bytes} from a member. */
  void out(Member member, int bytes) {
    traffic.out(bytes);
    member.traffic.out(bytes);
  }

  /** Once in so many seconds. */
  synchronized void estimate(double seconds) {
    traffic.estimate(seconds);
    members.forEach(member -> member.traffic.estimate(seconds));
    persistence.expire(clock.getAsLong());
  }

  synchronized ObservedService observed(boolean destinations) {
    List<ObservedDestination> shown = new ArrayList<>();
    if (destinations) {
      Map<Member, Integer> persistent = persistence.counts();
      for (Member member : members) {
        shown.add(
            new ObservedDestination(
                member.value(),
                member.active.get(),
                member.inactive.get(),
                persistent.getOrDefault(member, 0),
                member.refused.sum(),
                member.lost.sum(),
                member.traffic.statistics()));
      }
    }
    return new ObservedService(
        value.key().address().family(),
        0,
        Optional.of(value),
        value.scheduler().toString(),
        0,
        "",
        traffic.statistics(),
        shown);
  }
}
