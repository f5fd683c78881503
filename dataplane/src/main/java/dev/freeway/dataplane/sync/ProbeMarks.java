package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Asked;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.Marked;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The services by firewall mark that lead checks through the data path, one for each destination of
 * direct return and tunnels that is checked. They are told from others' by their marks alone: no
 * record is kept. Owned by the writer's thread.
 */
final class ProbeMarks {
  private final IpvsTable table;
  private final Map<ServiceDestination, Marked> there = new HashMap<>();
  private final BitSet numbers = new BitSet();

  ProbeMarks(IpvsTable table) {
    this.table = table;
  }

  /**
   * Makes those that are asked for and takes away the others.
   *
   * @return the marks of those that are there
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the socket fails; what is there is
   *     known again after a list
   */
  Map<ServiceDestination, Integer> follow(Map<ServiceDestination, Asked> asked) {
    if (!table.marks()) {
      return Map.of();
    }
    List<Marked.Key> gone = new ArrayList<>();
    there
        .entrySet()
        .removeIf(
            entry -> {
              Asked now = asked.get(entry.getKey());
              boolean stays = now != null && leads(entry.getValue(), now.destination());
              if (!stays) {
                gone.add(entry.getValue().key());
                numbers.clear(entry.getValue().number());
              }
              return !stays;
            });
    table.unmark(gone);
    Map<ServiceDestination, Marked> fresh = new HashMap<>();
    asked.forEach(
        (of, one) -> {
          int number = numbers.nextClearBit(0);
          if (passes(one.destination()) && !there.containsKey(of) && number < Marked.MOST) {
            numbers.set(number);
            fresh.put(of, marked(number, of, one.destination()));
          }
        });
    try {
      add(fresh);
    } catch (NetlinkException e) { // what came of them the next list shows
      fresh.values().forEach(marked -> numbers.clear(marked.number()));
      throw e;
    }
    Map<ServiceDestination, Integer> marks = new HashMap<>();
    there.forEach((of, marked) -> marks.put(of, marked.mark()));
    return marks;
  }

  private void add(Map<ServiceDestination, Marked> fresh) {
    List<ServiceDestination> order = List.copyOf(fresh.keySet());
    List<Marked> wanted = List.copyOf(fresh.values());
    List<Answer> answers = new ArrayList<>(table.mark(wanted));
    for (int i = 0; i < order.size(); i++) {
      if (answers.get(i).errno() == Errno.EEXIST) { // a stray, which may lead elsewhere
        table.unmark(List.of(wanted.get(i).key()));
        answers.set(i, table.mark(List.of(wanted.get(i))).getFirst());
      }
    }
    for (int i = 0; i < order.size(); i++) {
      Marked marked = wanted.get(i);
      if (answers.get(i).errno() == 0) {
        there.put(order.get(i), marked);
      } else {
        numbers.clear(marked.number()); // it is checked the plain way
      }
    }
  }

  /** By its forwarding method a packet reaches it as it was sent, or with another header around. */
  private static boolean passes(Destination to) {
    return switch (to.forwarding()) {
      case DIRECT, TUNNEL -> true;
      default -> false; // the plain check goes the same way
    };
  }

  private static Marked marked(int number, ServiceDestination of, Destination to) {
    return new Marked(
        number,
        of.service().address().family(),
        new Destination(to.key(), to.forwarding(), to.encapsulation(), 1, 0, 0));
  }

  private static boolean leads(Marked marked, Destination to) {
    return marked.to().forwarding() == to.forwarding()
        && marked.to().encapsulation().equals(to.encapsulation());
  }

  /**
   * Takes in which of them a list showed: strays are taken away, of a process before or another
   * one's doing.
   *
   * @return whether one that should be there is not
   */
  boolean listed(Set<Marked.Key> seen) {
    Set<Marked.Key> strays = new HashSet<>(seen);
    Set<Marked.Key> known = new HashSet<>();
    there.values().forEach(marked -> known.add(marked.key()));
    strays.removeAll(known);
    table.unmark(List.copyOf(strays));
    return there
        .entrySet()
        .removeIf(
            entry -> {
              boolean missing = !seen.contains(entry.getValue().key());
              if (missing) {
                numbers.clear(entry.getValue().number());
              }
              return missing;
            });
  }
}
