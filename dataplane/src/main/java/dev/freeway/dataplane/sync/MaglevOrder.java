package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.CanonicalOrder;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Makes routers agree after different histories. The {@code mh} table follows from the order in
 * which destinations were added (ip_vs_mh.c), and one that left and returned is added last. It is
 * deleted and added again, in one batch: the kernel keeps the deleted destination with its
 * connections and statistics, and gives it back (ip_vs_trash_get_dest). In between, a few
 * microseconds, its packets are dropped and sent again, provided that {@code expire_nodest_conn} is
 * 0 meanwhile; with 1, connections that speak in the gap would end. Services with persistence are
 * left alone: a client that connects in the gap would lose its backend (ip_vs_check_template).
 */
final class MaglevOrder {
  /** Moves in one turn: each rebuilds the table twice, with the kernel's IPVS mutex held. */
  static final int AT_ONCE = 64;

  /** The error that a destination is which the kernel did not take again. */
  static ProgramError lostError(Command deleted) {
    String what =
        deleted instanceof Command.DeleteDestination gone
            ? "add destination " + gone.destination() + " of " + gone.service() + " again"
            : "add again";
    return new ProgramError(
        what,
        0,
        "refused after it was deleted to change the order",
        "another apply, which adds it");
  }

  private final IpvsTable table;
  private final ConnectionKeeping keeping;
  private final Map<ServiceKey, List<DestinationKey>> tried = new HashMap<>();

  MaglevOrder(IpvsTable table, ConnectionKeeping keeping) {
    this.table = table;
    this.keeping = keeping;
  }

  /**
   * What came of it.
   *
   * @param moved destinations that were deleted and added again
   * @param lost deletions after which the kernel did not take the destination again
   */
  record Result(int moved, List<Command> lost) {
    static final Result NOTHING = new Result(0, List.of());
  }

  /**
   * Moves at most {@link #AT_ONCE} destinations.
   *
   * @param dump the table as it is now
   * @param ours which services may be touched
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the socket fails; what was done is
   *     then unknown
   */
  Result restore(List<ObservedService> dump, Predicate<ServiceKey> ours) {
    List<Command> commands = new ArrayList<>();
    Map<ServiceKey, List<DestinationKey>> now = new HashMap<>();
    for (ObservedService service : dump) {
      if (commands.size() < 2 * AT_ONCE
          && service.value().isPresent()
          && matters(service.value().get())
          && ours.test(service.value().get().key())) {
        moves(service.value().get().key(), service.destinations(), now, commands);
      }
    }
    tried.keySet().retainAll(now.keySet());
    tried.putAll(now);
    if (commands.isEmpty()) {
      return Result.NOTHING;
    }
    List<Answer> answers = new ArrayList<>();
    if (!keeping.whileKept(() -> answers.addAll(table.execute(commands)))) {
      return Result.NOTHING;
    }
    List<Command> lost = new ArrayList<>();
    for (int i = 0; i < commands.size(); i += 2) {
      if (answers.get(i).done() && !answers.get(i + 1).done()) {
        lost.add(commands.get(i));
      }
    }
    return new Result(commands.size() / 2 - lost.size(), lost);
  }

  private static boolean matters(VirtualService service) {
    return service.scheduler().name().equals("mh") && service.persistenceSeconds() == 0;
  }

  private void moves(
      ServiceKey service,
      List<ObservedDestination> dumped,
      Map<ServiceKey, List<DestinationKey>> now,
      List<Command> into) {
    List<DestinationKey> inserted = new ArrayList<>(dumped.size());
    for (ObservedDestination destination : dumped.reversed()) {
      inserted.add(destination.value().key());
    }
    List<DestinationKey> misplaced = CanonicalOrder.misplaced(inserted);
    if (misplaced.isEmpty()) {
      return;
    }
    now.put(service, misplaced);
    if (misplaced.equals(tried.get(service))) {
      return; // moving them did not help: this kernel lists in another order
    }
    Map<DestinationKey, Destination> values = HashMap.newHashMap(dumped.size());
    dumped.forEach(seen -> values.put(seen.value().key(), seen.value()));
    for (DestinationKey key : misplaced) {
      Destination value = values.get(key);
      if (value != null && into.size() < 2 * AT_ONCE) {
        into.add(new Command.DeleteDestination(service, key));
        into.add(new Command.AddDestination(service, value));
      }
    }
  }
}
