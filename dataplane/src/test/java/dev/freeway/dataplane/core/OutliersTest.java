package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OutliersTest {
  private static final ServiceDestination ONE =
      new ServiceDestination(
          new ServiceKey(Protocol.TCP, IpAddress.parse("10.0.0.1"), 80),
          new DestinationKey(IpAddress.parse("10.1.0.1"), 80));

  private final Outliers outliers = new Outliers();

  private Optional<String> look(long connections, long answers, long refused, long seconds) {
    return outliers.look(
        ONE, new Outliers.Counters(connections, answers, refused, 0), seconds * 1_000_000_000L);
  }

  @ParameterizedTest
  @CsvSource({
    "5, 50, 0, ''",
    "0, 0, 4, ''",
    "0, 0, 5, 5 of its last 5 connections failed",
    "6, 60, 5, ''",
    "5, 50, 5, 5 of its last 10 connections failed",
    "4, 0, 0, ''",
    "5, 0, 0, it answered none of its last 5 connections",
    "5, -1, 0, ''",
    "0, 0, 0, ''"
  })
  void whatIsCountedInAWindowTells(long connections, long answers, long failures, String why) {
    long base = answers < 0 ? answers : 1000;
    assertThat(look(100, base, 7, 0)).isEmpty();
    assertThat(look(100 + connections, answers < 0 ? answers : base + answers, 7 + failures, 4))
        .isEmpty();
    assertThat(look(100 + connections, answers < 0 ? answers : base + answers, 7 + failures, 5))
        .isEqualTo(Optional.of(why).filter(text -> !text.isEmpty()));
  }

  @Test
  void eachWindowBeginsAnew() {
    look(0, 0, 0, 0);
    assertThat(look(9, 0, 0, 5)).isPresent();
    assertThat(look(9, 0, 0, 10)).isEmpty();
    assertThat(look(20, 0, 0, 15)).isPresent();
  }

  @Test
  void countersThatBeganAnewSayNothing() {
    look(100, 100, 0, 0);
    assertThat(look(10, 0, 0, 5)).isEmpty();
    assertThat(look(20, 0, 0, 10)).isPresent();
  }

  @Test
  void thoseThatItTookAndLostAreAmongItsConnections() {
    outliers.look(ONE, new Outliers.Counters(0, 0, 0, 0), 0);
    assertThat(outliers.look(ONE, new Outliers.Counters(10, 4, 0, 4), 5_000_000_000L)).isEmpty();
    assertThat(outliers.look(ONE, new Outliers.Counters(20, 8, 2, 10), 10_000_000_000L))
        .contains("8 of its last 12 connections failed");
  }
}
