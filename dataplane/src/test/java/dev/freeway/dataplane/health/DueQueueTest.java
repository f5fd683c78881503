package dev.freeway.dataplane.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.health.probe.Target;
import dev.freeway.dataplane.health.probe.Tries;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class DueQueueTest {
  @Test
  void givesTheFirstWhateverIsAddedAndRemoved() {
    SplittableRandom random = new SplittableRandom(1);
    DueQueue queue = new DueQueue();
    List<Watched> in = new ArrayList<>();
    List<Watched> out = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      out.add(
          new Watched(
              Target.of(
                  Tries.SERVICE,
                  new DestinationKey(Tries.SERVICE.address(), i + 1),
                  Tries.check("tcp")),
              0));
    }
    assertThat(queue.firstDue()).isEqualTo(Long.MAX_VALUE);
    for (int i = 0; i < 20_000; i++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          if (!out.isEmpty()) {
            Watched one = out.remove(random.nextInt(out.size()));
            queue.add(one, random.nextLong(50) - 25);
            in.add(one);
          }
        }
        case 2 -> {
          Watched one =
              (random.nextBoolean() || in.isEmpty() ? out : in).stream().findAny().orElse(null);
          if (one != null) {
            queue.remove(one);
            queue.remove(one);
            if (in.remove(one)) {
              out.add(one);
            }
          }
        }
        default -> {
          if (!in.isEmpty()) {
            long due = in.stream().mapToLong(one -> one.due).min().orElseThrow();
            Watched first = queue.poll();
            assertThat(first.due).isEqualTo(due);
            assertThat(in.remove(first)).isTrue();
            out.add(first);
          }
        }
      }
      assertThat(queue.firstDue())
          .isEqualTo(
              in.stream()
                  .min(Comparator.comparingLong(one -> one.due))
                  .map(one -> one.due)
                  .orElse(Long.MAX_VALUE));
    }
  }
}
