package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PrintableTest {
  @Test
  void textThatHasAShapeStaysAsItIs() {
    for (String text : new String[] {"", "shop/web", "a\\b \"c\"", "Grüße", "店", "\ud83d\ude80"}) {
      assertThat(Printable.of(text)).isEqualTo(text);
    }
  }

  @Test
  void whatMovesTheCursorOrTurnsTheLineIsShown() {
    assertThat(Printable.of("a\tb\r\nc")).isEqualTo("a\\tb\\r\\nc");
    assertThat(Printable.of("\033[2J\007\177\u009b1m"))
        .isEqualTo("\\u001b[2J\\u0007\\u007f\\u009b1m");
    assertThat(Printable.of("a\u202eb\u2066\u200f\ufeff\u2028"))
        .isEqualTo("a\\u202eb\\u2066\\u200f\\ufeff\\u2028");
    assertThat(Printable.of("\ud800x\ue000")).isEqualTo("\\ud800x\\ue000");
    assertThat(Printable.of("\udb40\udc41")).isEqualTo("\\udb40\\udc41"); // a tag character
  }
}
