package dev.freeway.dataplane.relay;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.MaglevTable;
import dev.freeway.dataplane.core.Scheduler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who gets a new connection, by the rules of the kernel's scheduler of that name
 * (net/netfilter/ipvs/ip_vs_*.c). Members are in the kernel's order, the last added first. Not safe
 * for several threads: its service's lock guards it.
 */
abstract class Scheduling {
  /** The schedulers that there are. */
  static final List<String> NAMES =
      List.of("rr", "wrr", "lc", "wlc", "sh", "mh", "dh", "sed", "nq");

  /**
   * The member that a new connection goes to; empty when none takes it.
   *
   * @param client its address
   * @param port the client's port
   * @param tried those that did not take it. Schedulers that hash go on from them as with their
   *     {@code -fallback}; others may name one of them again.
   */
  abstract Optional<Member> choose(
      List<Member> members, IpAddress client, int port, Set<Member> tried);

  /** Members were added, removed or changed. */
  void changed(List<Member> members) {}

  /**
   * A scheduling with no history.
   *
   * @param address the service's
   * @return empty when there is none of that name
   */
  static Optional<Scheduling> of(Scheduler scheduler, IpAddress address) {
    return switch (scheduler.name()) {
      case "rr" -> Optional.of(new RoundRobin());
      case "wrr" -> Optional.of(new WeightedRoundRobin());
      case "lc" -> Optional.of(new Least(Member::overhead, false, false));
      case "wlc" -> Optional.of(new Least(Member::overhead, true, false));
      case "sed" -> Optional.of(new Least(member -> member.active.get() + 1L, true, false));
      case "nq" -> Optional.of(new Least(member -> member.active.get() + 1L, true, true));
      case "sh" -> Optional.of(new SourceHash(scheduler));
      case "dh" -> Optional.of(new DestinationHash(address));
      case "mh" -> Optional.of(new Maglev(scheduler, address.family()));
      case "none" -> Optional.of(new Nobody());
      default -> Optional.empty();
    };
  }

  /** A service that is being filled: the writer gives it its scheduler last. */
  private static final class Nobody extends Scheduling {
    @Override
    Optional<Member> choose(List<Member> members, IpAddress client, int port, Set<Member> tried) {
      return Optional.empty();
    }
  }

  /** {@code ip_vs_rr.c}: the next one, weights left out. */
  private static final class RoundRobin extends Scheduling {
    private @Nullable Member last;
    private List<Member> order = List.of();

    @Override
    Optional<Member> choose(List<Member> members, IpAddress client, int port, Set<Member> tried) {
      int from = last == null ? -1 : members.indexOf(last);
      for (int step = 1; step <= members.size(); step++) {
        Member member = members.get((from + step) % members.size());
        if (member.available()) {
          last = member;
          return Optional.of(member);
        }
      }
      return Optional.empty();
    }

    /** From one that is gone it steps back to the one before: {@code ip_vs_rr_del_dest}. */
    @Override
    void changed(List<Member> members) {
      if (last != null && !members.contains(last)) {
        int at = order.indexOf(last);
        while (--at >= 0 && !members.contains(order.get(at))) {}
        last = at < 0 ? null : order.get(at);
      }
      order = List.copyOf(members);
    }
  }

  /** {@code ip_vs_wrr.c}: rounds at falling weights, from the heaviest down by the divisor. */
  private static final class WeightedRoundRobin extends Scheduling {
    private @Nullable Member last;
    private int current;
    private int most;
    private int step = 1;

    @Override
    Optional<Member> choose(List<Member> members, IpAddress client, int port, Set<Member> tried) {
      if (most == 0) {
        return Optional.empty();
      }
      int at = last == null ? -1 : members.indexOf(last);
      int turns = members.size() * (most / step + 1) + 1;
      for (int turn = 0; turn < turns; turn++) {
        if (++at >= members.size()) {
          at = 0;
          current = current <= step ? most : current - step;
        }
        Member member = members.get(at);
        if (!member.overloaded() && member.value().weight() >= current) {
          last = member;
          return Optional.of(member);
        }
      }
      return Optional.empty();
    }

    /** Begins again with the first: {@code ip_vs_wrr_dest_changed}. */
    @Override
    void changed(List<Member> members) {
      int divisor = 0;
      int heaviest = 0;
      for (Member member : members) {
        int weight = member.value().weight();
        heaviest = Math.max(heaviest, weight);
        divisor = divisor(weight, divisor);
      }
      step = Math.max(1, divisor);
      most = heaviest == 0 ? 0 : heaviest - (step - 1);
      last = null;
      if (current > most || current == 0) {
        current = most;
      } else if (step > 1) {
        current = current / step * step + 1;
      }
    }

    private static int divisor(int a, int b) {
      return b == 0 ? a : divisor(b, a % b);
    }
  }

  /** {@code ip_vs_lc.c, ip_vs_wlc.c, ip_vs_sed.c, ip_vs_nq.c}: the first of the least loaded. */
  private static final class Least extends Scheduling {
    interface Load {
      long of(Member member);
    }

    private final Load load;
    private final boolean weighted;
    private final boolean idleFirst;

    Least(Load load, boolean weighted, boolean idleFirst) {
      this.load = load;
      this.weighted = weighted;
      this.idleFirst = idleFirst;
    }

    @Override
    Optional<Member> choose(List<Member> members, IpAddress client, int port, Set<Member> tried) {
      Member least = null;
      long leastLoad = 0;
      for (Member member : members) {
        if (!member.available()) {
          continue;
        }
        if (idleFirst && member.active.get() == 0) {
          return Optional.of(member);
        }
        long own = load.of(member);
        if (least == null || less(own, member, leastLoad, least)) {
          least = member;
          leastLoad = own;
        }
      }
      return Optional.ofNullable(least);
    }

    private boolean less(long own, Member member, long leastLoad, Member least) {
      return weighted
          ? leastLoad * member.value().weight() > own * least.value().weight()
          : own < leastLoad;
    }
  }

  private static boolean takes(Member member, Set<Member> tried) {
    return member.available() && !tried.contains(member);
  }

  private static final int BUCKETS = 256; // IP_VS_SH_TAB_SIZE, IP_VS_DH_TAB_SIZE

  /** {@code hash_32} of include/linux/hash.h, to 8 bits. */
  private static int hash(int value) {
    return (value * 0x61C88647) >>> 24;
  }

  /** {@code ip_vs_sh.c}: a table of buckets, dealt out by weight, looked up by the client. */
  private static final class SourceHash extends Scheduling {
    private final Scheduler scheduler;
    private @Nullable Member[] buckets = new Member[0];

    SourceHash(Scheduler scheduler) {
      this.scheduler = scheduler;
    }

    @Override
    Optional<Member> choose(List<Member> members, IpAddress client, int port, Set<Member> tried) {
      if (buckets.length == 0) {
        return Optional.empty();
      }
      int folded = client.folded() + (scheduler.port() ? port : 0);
      int first = hash(folded);
      Member member = buckets[first];
      if (member == null || takes(member, tried)) {
        return Optional.ofNullable(member);
      }
      boolean goesOn = scheduler.fallback() || !tried.isEmpty();
      for (int offset = 0; goesOn && offset < BUCKETS; offset++) {
        int other = (offset + first) % BUCKETS;
        member = buckets[(other + first) % BUCKETS];
        if (member == null || takes(member, tried)) {
          return Optional.ofNullable(member);
        }
      }
      return Optional.empty();
    }

    /**
     * Each takes as many buckets in a row as it weighs, one at least: {@code ip_vs_sh_reassign}.
     */
    @Override
    void changed(List<Member> members) {
      if (members.isEmpty()) {
        buckets = new Member[0];
        return;
      }
      @Nullable Member[] dealt = new Member[BUCKETS];
      int at = 0;
      int taken = 0;
      for (int bucket = 0; bucket < BUCKETS; bucket++) {
        Member member = members.get(at);
        dealt[bucket] = member;
        if (++taken >= member.value().weight()) {
          at = (at + 1) % members.size();
          taken = 0;
        }
      }
      buckets = dealt;
    }
  }

  /** {@code ip_vs_dh.c}: by the address that is asked for, which is always the service's. */
  private static final class DestinationHash extends Scheduling {
    private final int bucket;

    DestinationHash(IpAddress address) {
      this.bucket = hash(address.folded());
    }

    @Override
    Optional<Member> choose(List<Member> members, IpAddress client, int port, Set<Member> tried) {
      return members.isEmpty()
          ? Optional.empty()
          : Optional.of(members.get(bucket % members.size())).filter(Member::available);
    }
  }

  /** {@code ip_vs_mh.c}: the kernel's own table. */
  private static final class Maglev extends Scheduling {
    private final Scheduler scheduler;
    private final Family family;
    private MaglevTable table;
    private final Map<DestinationKey, Member> byKey = new HashMap<>();

    Maglev(Scheduler scheduler, Family family) {
      this.scheduler = scheduler;
      this.family = family;
      this.table = MaglevTable.of(family, List.of());
    }

    @Override
    Optional<Member> choose(List<Member> members, IpAddress client, int port, Set<Member> tried) {
      int hashed = scheduler.port() ? port : 0;
      Optional<DestinationKey> found =
          scheduler.fallback() || !tried.isEmpty()
              ? table.lookup(client, hashed, key -> takes(member(key), tried))
              : table.lookup(client, hashed);
      return found.map(this::member).filter(Member::available);
    }

    private Member member(DestinationKey key) {
      Member member = byKey.get(key);
      if (member == null) {
        throw new IllegalStateException(key + " is in the table and no member");
      }
      return member;
    }

    @Override
    void changed(List<Member> members) {
      byKey.clear();
      List<MaglevTable.Member> inOrder = new ArrayList<>(members.size());
      for (Member member : members) {
        byKey.put(member.key(), member);
        inOrder.add(new MaglevTable.Member(member.key(), member.lastWeight()));
      }
      table = MaglevTable.of(family, inOrder);
    }
  }
}
