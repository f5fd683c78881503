package dev.freeway.controlplane.output;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
  /** Controls, an escape's one-byte form, marks of direction, line ends, halves, a soft hyphen. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        0, 7, 8, 0x1b, 0x7f, 0x9b, 0xad, 0x200b, 0x200f, 0x2028, 0x2029, 0x202e, 0x2066, 0xfeff
      })
  void whatTurnsOrMovesIsWrittenOut(int point) {
    assertThat(Printable.of("a" + Character.toString(point) + "b"))
        .isEqualTo("a" + String.format("\\u%04x", point) + "b");
  }

  @Test
  void halvesOfPairsAreWrittenOutAndPairsStay() {
    assertThat(Printable.of("\ud83d")).isEqualTo("\\ud83d");
    assertThat(Printable.of("😀 é 日本")).isEqualTo("😀 é 日本");
  }

  @Test
  void endsOfLinesAreOfTheText() {
    assertThat(Printable.of("a\r\n\tb")).isEqualTo("a\\r\\n\\tb");
  }
}
