package dev.freeway.dataplane.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Who is well: what checks say, what traffic says, and how often either changed its mind. One that
 * fails again and again is used again later each time. Pure; owned by the writer's thread.
 */
public final class HealthBook {
  /** How long a first ejection lasts; the tenth and later ones last ten times as long. */
  static final Duration EJECTION = Duration.ofSeconds(30);

  private static final int MOST_EJECTIONS = 10;

  /** One that served for so long after an ejection begins anew. */
  static final Duration FORGIVEN = Duration.ofMinutes(10);

  /** What a fall counts, and after which time it counts half. */
  static final Duration HALF_LIFE = Duration.ofMinutes(1);

  /** Falls from which one that is well again has to wait, and down to how many. */
  static final double FLAPS = 3;

  static final double CALM = 1.5;
  private static final double FORGOTTEN = 0.1;
  private static final double MOST_FLAPS = 6; // so nobody waits for more than two half-lives

  private static final long NEVER = Long.MIN_VALUE;

  /** A destination whose health is another. */
  public record Changed(ServiceDestination of, Health health) {}

  private static final class Entry {
    private Health checked = Health.UNKNOWN;
    private Health now = Health.UNKNOWN;
    private double falls;
    private long fallsNanos;
    private long calmNanos = NEVER; // until then one that is well again waits
    private String calm = "";
    private String ejection = "";
    private long ejectedNanos = NEVER;
    private boolean left; // out, and then nobody asked any more
    private int ejections;
    private long backNanos = NEVER; // from the last one
  }

  /** Something of a destination is over then. */
  private record Due(ServiceDestination of, long nanos) {
    static int compare(Due one, Due other) {
      return Long.compare(one.nanos - other.nanos, 0); // nanoTime may wrap around
    }
  }

  private final Map<ServiceDestination, Entry> entries = new HashMap<>();
  private final PriorityQueue<Due> due = new PriorityQueue<>(Due::compare);

  /** What is thought of a destination now. */
  public Health of(ServiceKey service, DestinationKey destination) {
    Entry entry = entries.get(new ServiceDestination(service, destination));
    return entry == null ? Health.UNKNOWN : entry.now;
  }

  /** A check changed its mind. */
  public Optional<Changed> checked(ServiceDestination of, Health health, long now) {
    Entry entry = entries.computeIfAbsent(of, _ -> new Entry());
    boolean fell =
        health.out() && !entry.checked.out() && entry.checked.state() != Health.State.UNKNOWN;
    boolean rose = !health.out() && (entry.checked.out() || entry.left);
    entry.checked = health;
    entry.left = false;
    if (fell) {
      entry.falls = Math.min(MOST_FLAPS, falls(entry, now) + 1);
      entry.fallsNanos = now;
    } else if (rose) {
      double falls = falls(entry, now);
      if (falls >= FLAPS) {
        double halfLives = Math.log(falls / CALM) / Math.log(2);
        long wait = (long) (halfLives * HALF_LIFE.toNanos());
        entry.calmNanos = now + wait;
        entry.calm =
            "answers again, but failed "
                + Math.round(falls)
                + " times within minutes: used again when it was well for "
                + TimeUnit.NANOSECONDS.toSeconds(wait)
                + " s";
        due.add(new Due(of, entry.calmNanos));
      }
    }
    return settle(of, entry, now);
  }

  private static double falls(Entry entry, long now) {
    return entry.falls * Math.pow(0.5, (double) (now - entry.fallsNanos) / HALF_LIFE.toNanos());
  }

  /** Its traffic says that a destination is to be taken out for a while. */
  public Optional<Changed> ejected(ServiceDestination of, String reason, long now) {
    Entry entry = entries.computeIfAbsent(of, _ -> new Entry());
    if (entry.ejectedNanos != NEVER) {
      return Optional.empty();
    }
    if (entry.backNanos != NEVER && now - entry.backNanos >= FORGIVEN.toNanos()) {
      entry.ejections = 0;
    }
    entry.ejections = Math.min(MOST_EJECTIONS, entry.ejections + 1);
    entry.ejectedNanos = now + EJECTION.toNanos() * entry.ejections;
    due.add(new Due(of, entry.ejectedNanos));
    entry.ejection =
        reason + "; tried again after " + EJECTION.toSeconds() * entry.ejections + " s";
    return settle(of, entry, now);
  }

  /** Those whose time is over. */
  public List<Changed> expire(long now) {
    List<Changed> changed = new ArrayList<>();
    for (Due next = due.peek(); next != null && now - next.nanos >= 0; next = due.peek()) {
      due.remove();
      Entry entry = entries.get(next.of);
      if (entry != null) {
        settle(next.of, entry, now).ifPresent(changed::add);
      }
    }
    return changed;
  }

  private static Optional<Changed> settle(ServiceDestination of, Entry entry, long now) {
    if (entry.ejectedNanos != NEVER && now - entry.ejectedNanos >= 0) {
      entry.ejectedNanos = NEVER;
      entry.backNanos = now;
    }
    if (entry.calmNanos != NEVER && now - entry.calmNanos >= 0) {
      entry.calmNanos = NEVER;
    }
    Health next = health(entry);
    if (next.equals(entry.now)) {
      return Optional.empty();
    }
    entry.now = next;
    return Optional.of(new Changed(of, next));
  }

  private static Health health(Entry entry) {
    if (entry.checked.out()) {
      return entry.checked;
    }
    if (entry.ejectedNanos != NEVER) {
      return new Health(Health.State.FAILING, entry.ejection);
    }
    if (entry.calmNanos != NEVER) {
      return new Health(Health.State.FAILING, entry.calm);
    }
    return entry.checked;
  }

  /** When {@link #expire} next has something to do. */
  public OptionalLong nextDeadline() {
    Due next = due.peek();
    return next == null ? OptionalLong.empty() : OptionalLong.of(next.nanos);
  }

  /** Checks are made of these alone from now on: of others nothing is known by them any more. */
  public List<Changed> asked(Set<ServiceDestination> those, long now) {
    List<Changed> changed = new ArrayList<>();
    entries.forEach(
        (of, entry) -> {
          if (!those.contains(of) && !entry.checked.equals(Health.UNKNOWN)) {
            entry.left = entry.checked.out(); // it comes back as one that failed
            entry.checked = Health.UNKNOWN;
            settle(of, entry, now).ifPresent(changed::add);
          }
        });
    return changed;
  }

  /** Forgets those of whom there is nothing to remember. */
  public void tidy(long now) {
    entries
        .values()
        .removeIf(
            entry ->
                entry.checked.equals(Health.UNKNOWN)
                    && entry.now.equals(Health.UNKNOWN)
                    && falls(entry, now) < FORGOTTEN
                    && (entry.backNanos == NEVER || now - entry.backNanos >= FORGIVEN.toNanos()));
  }
}
