package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What this machine says and hears about who answers for addresses. It tells neighbours of an
 * address that it took, at once and a few times more, for such words get lost. It lends addresses
 * to the kernel for a while only: when this process has ended and another router took over, the
 * kernel lets go of them by itself. And while the cluster cannot be asked it asks the network
 * instead, and yields to a router that answers for the same address. Nothing here waits. Used by
 * the writer's thread.
 */
final class Announcer {
  /** When neighbours are told again, after the first time. */
  private static final long[] AGAIN = {
    Duration.ofMillis(250).toNanos(),
    Duration.ofSeconds(1).toNanos(),
    Duration.ofSeconds(2).toNanos(),
    Duration.ofSeconds(4).toNanos()
  };

  /**
   * How long the kernel keeps an address that nobody renews: longer than a Lease lasts, so that
   * there is always one who answers, and longer than this thread is ever busy with a large table.
   */
  static final Duration LENT = Duration.ofSeconds(30);

  private static final long RENEW = Duration.ofSeconds(5).toNanos();

  /** For as long as this machine runs. */
  static final long FOREVER = 0xffffffffL;

  private static final long PROBE = Duration.ofMillis(1500).toNanos();

  /** How long an answer to a probe is waited for. */
  private static final long PATIENCE = Duration.ofMillis(300).toNanos();

  /** How long it counts that somebody answered. */
  private static final long REMEMBER = Duration.ofSeconds(6).toNanos();

  /** Unanswered probes after which nobody has an address. */
  private static final int UNANSWERED = 3;

  private record Telling(Link link, long sinceNanos, int told) {}

  /**
   * An address that is asked for.
   *
   * @param silent probes that nobody answered since
   * @param answeredNanos when somebody last did; empty for never
   */
  private record Probing(Link link, int silent, OptionalLong answeredNanos) {
    boolean answered(long now) {
      return answeredNanos.isPresent() && now - answeredNanos.getAsLong() < REMEMBER;
    }
  }

  private final Machine machine;
  private final Map<IpAddress, Telling> telling = new HashMap<>();
  private SortedMap<IpAddress, LinkAddress> lent = new TreeMap<>();
  private long lifetime; // of what is lent, in seconds; 0 before the first
  private OptionalLong renewNanos = OptionalLong.empty();
  private final SortedMap<IpAddress, Probing> probing = new TreeMap<>();
  private Set<String> others = Set.of(); // MAC addresses
  private long probeNanos;
  private boolean asked; // and the answers are not read yet
  private final Set<IpAddress> claimed = new HashSet<>(); // by other routers, since the last answer
  private SortedSet<IpAddress> knownContended = new TreeSet<>(); // when the machine was settled
  private SortedSet<IpAddress> knownUnanswered = new TreeSet<>();
  private Optional<String> problem = Optional.empty();

  Announcer(Machine machine) {
    this.machine = machine;
  }

  /** How long the kernel is to keep an address, in seconds. */
  static long lifetime(Announcing announcing) {
    // While the others are not known yet, they take over too when this process does not live on.
    boolean othersWouldTakeOver =
        announcing instanceof Announcing.Unknown
            || (announcing instanceof Announcing.Elected elected && elected.routers().heard());
    return othersWouldTakeOver ? LENT.toSeconds() : FOREVER;
  }

  /** An address that was just put on its link: neighbours are told at the next tick. */
  void taken(IpAddress address, Link link, long now) {
    telling.put(address, new Telling(link, now, 0));
  }

  void gone(IpAddress address) {
    telling.remove(address);
    lent.remove(address);
  }

  /**
   * How it stands after the machine was settled.
   *
   * @param here the addresses that are on their links now
   * @param toAsk those to probe for, each on its link
   */
  void settled(
      SortedMap<IpAddress, LinkAddress> here,
      SortedMap<IpAddress, Link> toAsk,
      Announcing announcing,
      long now) {
    lent = new TreeMap<>(here);
    telling.keySet().retainAll(here.keySet());
    if (lifetime(announcing) != lifetime) {
      lifetime = lifetime(announcing);
      renewNanos = OptionalLong.of(now); // what is there has the other one still
    }
    others =
        announcing instanceof Announcing.Elected elected
            ? elected.routers().othersHardware()
            : Set.of();
    if (toAsk.isEmpty() && !probing.isEmpty()) {
      machine.hearNothing();
    }
    if (probing.isEmpty()) {
      probeNanos = now;
      asked = false;
      claimed.clear();
    }
    probing.keySet().retainAll(toAsk.keySet());
    toAsk.forEach(
        (address, link) ->
            probing.merge(
                address,
                new Probing(link, 0, OptionalLong.empty()),
                (known, fresh) -> known.link.equals(link) ? known : fresh));
    knownContended = contended(now);
    knownUnanswered = unanswered(now);
  }

  /** The addresses that another router answers for. */
  SortedSet<IpAddress> contended(long now) {
    return those(one -> one.answered(now));
  }

  /** The addresses that nobody answered for when asked several times. */
  SortedSet<IpAddress> unanswered(long now) {
    return those(one -> one.silent >= UNANSWERED && !one.answered(now));
  }

  private SortedSet<IpAddress> those(Predicate<Probing> which) {
    TreeSet<IpAddress> those = new TreeSet<>();
    probing.forEach(
        (address, one) -> {
          if (which.test(one)) {
            those.add(address);
          }
        });
    return those;
  }

  /** Why neighbours cannot be told, or heard. */
  Optional<String> problem() {
    return problem;
  }

  OptionalLong nextDeadline() {
    long next = Long.MAX_VALUE;
    for (Telling one : telling.values()) {
      next = Math.min(next, due(one));
    }
    if (!lent.isEmpty() && renewNanos.isPresent()) {
      next = Math.min(next, renewNanos.getAsLong());
    }
    if (!probing.isEmpty()) {
      next = Math.min(next, probeNanos);
    }
    return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
  }

  private static long due(Telling one) {
    return one.told == 0 ? one.sinceNanos : one.sinceNanos + AGAIN[one.told - 1];
  }

  /**
   * Does what is due; answers whether others answer for other addresses than before.
   *
   * @throws NetlinkException when an address cannot be kept; it is tried again when that is due
   */
  boolean tick(long now) {
    tell(now);
    renew(now);
    return probe(now);
  }

  private void tell(long now) {
    Iterator<Map.Entry<IpAddress, Telling>> each = telling.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<IpAddress, Telling> entry = each.next();
      Telling one = entry.getValue();
      if (now - due(one) < 0) {
        continue;
      }
      for (byte[] frame : Frames.taken(entry.getKey(), one.link.hardware())) {
        send(one.link, frame);
      }
      if (one.told == AGAIN.length) {
        each.remove();
      } else {
        entry.setValue(new Telling(one.link, one.sinceNanos, one.told + 1));
      }
    }
  }

  private void send(Link link, byte[] frame) {
    try {
      machine.send(link, frame);
      problem = Optional.empty();
    } catch (NetlinkException e) {
      problem =
          Optional.of(
              "neighbours on "
                  + link.name()
                  + " are not told who answers: "
                  + e.getMessage()
                  + "; the capability NET_RAW is needed for it");
    }
  }

  private void renew(long now) {
    if (lent.isEmpty() || renewNanos.isEmpty() || now - renewNanos.getAsLong() < 0) {
      return;
    }
    renewNanos = lifetime == FOREVER ? OptionalLong.empty() : OptionalLong.of(now + RENEW);
    NetlinkException refused = null;
    for (LinkAddress held : lent.values()) {
      try {
        machine.lendAddress(held, lifetime);
      } catch (NetlinkException e) {
        refused = e; // the others are not to run out for that
      }
    }
    if (refused != null) {
      throw refused;
    }
  }

  private boolean probe(long now) {
    if (probing.isEmpty() || now - probeNanos < 0) {
      return false;
    }
    if (!asked) {
      hear();
      probing.forEach((address, one) -> send(one.link, Frames.probe(address, one.link.hardware())));
      asked = true;
      probeNanos = now + PATIENCE;
      return false;
    }
    asked = false;
    hear();
    probing.replaceAll(
        (address, one) ->
            claimed.contains(address)
                ? new Probing(one.link, 0, OptionalLong.of(now))
                : new Probing(one.link, one.silent + 1, one.answeredNanos));
    claimed.clear();
    // Two that yielded to each other at the same time do not take an address at the same time.
    int difference = probing.firstEntry().getValue().link.hardware().hashCode() & 0x1ff;
    probeNanos = now + PROBE + Duration.ofMillis(difference).toNanos();
    return !contended(now).equals(knownContended) || !unanswered(now).equals(knownUnanswered);
  }

  /**
   * Notes which addresses other routers claim, asked or not; the first time it begins to listen.
   */
  private void hear() {
    Map<Integer, Link> links = new TreeMap<>();
    probing.values().forEach(one -> links.put(one.link.index(), one.link));
    for (Link link : links.values()) {
      try {
        for (byte[] frame : machine.heard(link)) {
          Frames.claim(frame)
              .filter(claim -> others.contains(claim.hardware()))
              .ifPresent(claim -> claimed.add(claim.address()));
        }
      } catch (NetlinkException e) {
        problem =
            Optional.of(
                "whether other routers answer on "
                    + link.name()
                    + " is not heard: "
                    + e.getMessage()
                    + "; the capability NET_RAW is needed for it");
      }
    }
  }
}
