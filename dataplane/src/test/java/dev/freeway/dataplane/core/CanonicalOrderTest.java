package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CanonicalOrderTest {
  private static DestinationKey key(int number) {
    return new DestinationKey(new IpAddress(Family.IPV4, 0, 0x0a000000L + number), 80);
  }

  private static List<DestinationKey> keys(String numbers) {
    return numbers.isBlank()
        ? List.of()
        : Arrays.stream(numbers.strip().split(" +"))
            .map(Integer::valueOf)
            .map(n -> key(n))
            .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "1, ''",
    "1 2 3, ''",
    "1 3 2, 3", // 2 left and returned: 3 goes behind it
    "2 3 4 1, 2 3 4",
    "3 2 1, 2 3",
    "1 2 4 5 3, 4 5",
    "1 4 5 3 2, 3 4 5",
  })
  void movesOnlyWhatComesAfterTheLongestPartThatIsInPlace(String inserted, String misplaced) {
    assertThat(CanonicalOrder.misplaced(keys(inserted))).isEqualTo(keys(misplaced));
  }

  @Test
  void anyOrderIsMendedByMovingSomeAtATime() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int run = 0; run < 500; run++) {
      List<DestinationKey> order = new ArrayList<>();
      int count = random.nextInt(40);
      for (int i = 0; i < count; i++) {
        order.add(key(i));
      }
      List<DestinationKey> canonical = List.copyOf(order);
      Collections.shuffle(order, random);
      int atOnce = 1 + random.nextInt(5);
      int moves = 0;
      for (List<DestinationKey> next = CanonicalOrder.misplaced(order);
          !next.isEmpty();
          next = CanonicalOrder.misplaced(order)) {
        for (DestinationKey key : next.subList(0, Math.min(atOnce, next.size()))) {
          order.remove(key);
          order.add(key);
          moves++;
        }
        assertThat(moves).as("seed %d", seed).isLessThanOrEqualTo(count);
      }
      assertThat(order).as("seed %d", seed).isEqualTo(canonical);
    }
  }
}
