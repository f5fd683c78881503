package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class DiffTest {
  private static final Diff.Reasons REASONS =
      new Diff.Reasons() {
        @Override
        public String service(ServiceKey service) {
          return "because";
        }

        @Override
        public String destination(ServiceKey service, DestinationKey destination) {
          return "because";
        }
      };

  @Test
  void applyingTheDifferenceOfTwoStatesToTheFirstGivesTheSecond() {
    for (long seed = 0; seed < 2_000; seed++) {
      RandomStates states = new RandomStates(new SplittableRandom(seed), 6, 12);
      Effective before = states.effective();
      Effective after = states.effective();
      List<Change> changes = Diff.between(before, after, REASONS);
      assertThat(RandomStates.apply(changes, before)).as("seed %d", seed).isEqualTo(after);
      assertThat(Diff.between(after, after, REASONS)).isEmpty();
      assertThat(changes).allMatch(change -> !change.reason().isEmpty());
    }
  }

  @Test
  void aServiceThatOnlyChangedIsNeverDeletedOrMadeAnew() {
    for (long seed = 0; seed < 500; seed++) {
      RandomStates states = new RandomStates(new SplittableRandom(seed), 4, 6);
      Effective before = states.effective();
      Effective after = states.effective();
      Set<ServiceKey> stays = new HashSet<>(before.services().keySet());
      stays.retainAll(after.services().keySet());
      assertThat(Diff.between(before, after, REASONS))
          .as("seed %d", seed)
          .filteredOn(change -> stays.contains(change.command().service()))
          .noneMatch(
              change ->
                  change.command() instanceof Command.DeleteService
                      || change.command() instanceof Command.AddService);
    }
  }

  @Test
  void theWeightOfAServiceNeverDipsBelowWhatItHasBeforeAndAfter() {
    for (long seed = 0; seed < 500; seed++) {
      RandomStates states = new RandomStates(new SplittableRandom(seed), 3, 8);
      Effective before = states.effective();
      Effective after = states.effective();
      Map<ServiceKey, Integer> least = new HashMap<>();
      before
          .services()
          .forEach(
              (key, service) -> {
                EffectiveService then = after.services().get(key);
                if (then != null) {
                  least.put(key, Math.min(weight(service), weight(then)));
                }
              });
      Effective state = before;
      for (Change change : Diff.between(before, after, REASONS)) {
        state = RandomStates.apply(List.of(change), state);
        EffectiveService service = state.services().get(change.command().service());
        if (service != null) {
          assertThat(weight(service))
              .as("seed %d after %s", seed, change)
              .isGreaterThanOrEqualTo(least.getOrDefault(change.command().service(), 0));
        }
      }
    }
  }

  private static int weight(EffectiveService service) {
    return service.destinations().values().stream().mapToInt(Destination::weight).sum();
  }

  @Test
  void destinationsAreInsertedInCanonicalOrderAndRemovalsComeLast() {
    for (long seed = 0; seed < 200; seed++) {
      RandomStates states = new RandomStates(new SplittableRandom(seed), 5, 10);
      List<Change> changes = Diff.between(states.effective(), states.effective(), REASONS);
      Map<ServiceKey, List<DestinationKey>> inserted = new TreeMap<>();
      int phase = 0;
      for (Change change : changes) {
        int next =
            switch (change.command()) {
              case Command.DeleteDestination _ -> 1;
              case Command.DeleteService _ -> 2;
              default -> 0;
            };
        assertThat(next).as("seed %d", seed).isGreaterThanOrEqualTo(phase);
        phase = next;
        if (change.command() instanceof Command.AddDestination add) {
          inserted.computeIfAbsent(add.service(), _ -> new ArrayList<>()).add(add.value().key());
        }
      }
      assertThat(inserted.values())
          .as("seed %d", seed)
          .allSatisfy(keys -> assertThat(keys).isSorted());
    }
  }
}
