package dev.freeway.controlplane.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PointInTimeTest {
  private static final Instant NOW = Instant.parse("2026-03-29T12:00:00Z"); // clocks went forward
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

  @ParameterizedTest
  @CsvSource({
    "2026-01-31, false, 2026-01-30T23:00:00Z",
    "2026-01-31, true, 2026-01-31T22:59:59.999Z",
    "today, false, 2026-03-28T23:00:00Z",
    "today, true, 2026-03-29T21:59:59.999Z",
    "Yesterday, false, 2026-03-27T23:00:00Z",
    "now, false, 2026-03-29T12:00:00Z",
    "7d, true, 2026-03-22T12:00:00Z",
    "2w, false, 2026-03-15T12:00:00Z",
    "90m, false, 2026-03-29T10:30:00Z",
    "2026-01-31T10:00, false, 2026-01-31T09:00:00Z",
    "2026-01-31 10:00:30, true, 2026-01-31T09:00:30Z",
    "2026-01-31T10:00Z, false, 2026-01-31T10:00:00Z",
    "2026-03-29T02:30, false, 2026-03-29T01:30:00Z", // an hour that there was not
    "2026-01-31T10:00:00.123Z, false, 2026-01-31T10:00:00.123Z",
    "2026-01-31T10:00+14:00, false, 2026-01-30T20:00:00Z",
    "2026-01-31T10:00:00+05:00, false, 2026-01-31T05:00:00Z",
  })
  void readsWhatPeopleGive(String text, boolean end, Instant expected) {
    assertThat(PointInTime.parse(text, end, NOW, ZONE)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "soon",
        "7",
        "7y",
        "2026-13-01",
        "31.01.2026",
        "2026-01-31T25:00",
        "-1d",
        "tomorrow",
        "20260131",
        "2026-01-31T10:00 UTC",
        "2026-02-30"
      })
  void refusesTheRest(String text) {
    assertThatThrownBy(() -> PointInTime.parse(text, false, NOW, ZONE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected a day as 2026-01-31");
  }
}
