package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.TableEntry;
import dev.freeway.dataplane.core.VirtualService;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecentChangesTest {
  private final RecentChanges changes =
      new RecentChanges(InstantSource.fixed(Instant.ofEpochMilli(1234)));

  private static Change add(int port) {
    ServiceKey key = new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), port);
    VirtualService value = VirtualService.of(key, new Scheduler("rr", false, false));
    return new Change(new Command.AddService(value), TableEntry.ABSENT, value, "asked for");
  }

  @Test
  void theLast200AreKeptWithTheirReasonsAndNumbers() {
    List<Change> many = new ArrayList<>();
    for (int i = 1; i <= 250; i++) {
      many.add(add(i));
    }
    changes.changed(many, 1);
    changes.repaired(3);
    assertThat(changes.entries()).hasSize(200);
    assertThat(changes.entries().getFirst().number()).isEqualTo(52);
    assertThat(changes.entries().get(198).words().service()).isEqualTo("tcp 10.0.0.1:250");
    assertThat(changes.entries().get(198).words().reason()).isEqualTo("asked for");
    assertThat(changes.entries().getLast().number()).isEqualTo(251);
    assertThat(changes.entries().getLast().millis()).isEqualTo(1234);
    assertThat(changes.entries().getLast().words().reason())
        .isEqualTo("undone: 3 changes of other programs");
  }

  @Test
  void anEventIsCountedInTheFirstBucketThatHoldsIt() {
    Event event = new Event.ServiceRemoved(add(1).command().service(), 0);
    changes.programmed(event, 250_000);
    changes.programmed(event, 251_000);
    changes.programmed(event, 60_000_000_000L);
    RecentChanges.Latency latency = changes.latency();
    assertThat(latency.counts()).hasSize(RecentChanges.BOUNDS_MICROS.size() + 1);
    assertThat(latency.counts().getFirst()).isEqualTo(1);
    assertThat(latency.counts().get(1)).isEqualTo(1);
    assertThat(latency.counts().getLast()).isEqualTo(1);
    assertThat(latency.maxMicros()).isEqualTo(60_000_000);
  }
}
