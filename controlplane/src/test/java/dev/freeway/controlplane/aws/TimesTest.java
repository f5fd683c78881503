package dev.freeway.controlplane.aws;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times in the ways in which emulators write them. */
class TimesTest {
  @ParameterizedTest
  @CsvSource({
    "1767225600, 2026-01-01T00:00:00Z",
    "1767225600.5, 2026-01-01T00:00:00.500Z",
    "1.7672256E9, 2026-01-01T00:00:00Z",
    "1767225600000, 2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00, 2026-01-01T00:00:00Z",
    "2026-01-01 00:00:00, 2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00Z, 2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00+02:00, 2026-01-01T00:00:00+02:00",
    "2026-01-01 00:00:00+00:00, 2026-01-01T00:00:00+00:00",
    "2026-01-01, 2026-01-01",
    "soon, soon",
    "2026-13-01T00:00:00, 2026-13-01T00:00:00"
  })
  void areIso8601AsFarAsTheyCanBeRead(String said, String time) {
    assertThat(Documents.time(said)).isEqualTo(time);
  }
}
