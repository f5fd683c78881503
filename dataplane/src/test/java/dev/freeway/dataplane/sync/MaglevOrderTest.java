package dev.freeway.dataplane.sync;

import static dev.freeway.dataplane.sync.Given.RR;
import static dev.freeway.dataplane.sync.Given.at;
import static dev.freeway.dataplane.sync.Given.destination;
import static dev.freeway.dataplane.sync.Given.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.netlink.Errno;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MaglevOrderTest {
  private final FakeTable table = new FakeTable();
  private final MaglevOrder order =
      new MaglevOrder(
          table,
          batch -> {
            batch.run();
            return true;
          });

  /** A service whose first destination came last. */
  private void outOfOrder(VirtualService service) {
    table.put(new Command.AddService(service));
    for (int number : new int[] {2, 3, 1}) {
      table.put(new Command.AddDestination(service.key(), destination(number, 1)));
    }
  }

  @Test
  void whatIsOutOfPlaceIsDeletedAndAddedAgain() {
    outOfOrder(VirtualService.of(key(1), Scheduler.DEFAULT));
    assertThat(order.restore(table.dump(), _ -> true))
        .isEqualTo(new MaglevOrder.Result(2, List.of()));
    assertThat(table.insertionOrder(key(1))).containsExactly(at(1), at(2), at(3));
    assertThat(order.restore(table.dump(), _ -> true)).isEqualTo(MaglevOrder.Result.NOTHING);
  }

  @Test
  void persistenceOtherSchedulersAndOthersServicesAreLeftAlone() {
    outOfOrder(new VirtualService(key(1), Scheduler.DEFAULT, 300, 32, false));
    outOfOrder(VirtualService.of(key(2), RR));
    outOfOrder(VirtualService.of(key(3), Scheduler.DEFAULT));
    assertThat(order.restore(table.dump(), service -> !service.equals(key(3))))
        .isEqualTo(MaglevOrder.Result.NOTHING);
    assertThat(table.log).isEmpty();
  }

  @Test
  void whatTheKernelDoesNotTakeAgainIsLost() {
    outOfOrder(VirtualService.of(key(1), Scheduler.DEFAULT));
    table.refuse(at(3), Errno.ENOMEM);
    assertThat(order.restore(table.dump(), _ -> true))
        .isEqualTo(
            new MaglevOrder.Result(1, List.of(new Command.DeleteDestination(key(1), at(3)))));
  }
}
