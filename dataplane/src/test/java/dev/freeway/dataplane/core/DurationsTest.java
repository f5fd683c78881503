package dev.freeway.dataplane.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "0s, PT0S, 0s",
    "500ms, PT0.5S, 500ms",
    "1000ms, PT1S, 1s",
    "007s, PT7S, 7s",
    "90s, PT1M30S, 90s",
    "2m, PT2M, 2m",
    "48h, PT48H, 2d",
    "25h, PT25H, 25h",
    "3650d, PT87600H, 3650d",
    "999999999ms, PT277H46M39.999S, 999999999ms"
  })
  void aNumberAndAUnit(String text, Duration duration, String shortest) {
    assertThat(Durations.parse(text)).isEqualTo(duration);
    assertThat(Durations.text(duration)).isEqualTo(shortest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "s",
        "30",
        "30 s",
        " 30s",
        "30S",
        "-1s",
        "1.5s",
        "1m30s",
        "1w",
        "1234567890ms",
        "٣s"
      })
  void nothingElseIsOne(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(text));
  }

  @Test
  void aLongerOneThanNanosecondsCanCountIsNone() {
    assertThat(Durations.MOST.toNanos()).isLessThan(Long.MAX_VALUE / 4);
    for (String text : new String[] {"3651d", "87601h", "999999999m", "999999999d"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> Durations.parse(text));
    }
  }
}
