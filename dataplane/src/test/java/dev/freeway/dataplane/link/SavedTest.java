package dev.freeway.dataplane.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Namespace;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is remembered is the machine as it was before us, whatever we do to it afterwards. */
final class SavedTest {
  private static final Namespace NAMESPACE = new Namespace("net:[7]", "boot-1");

  @Test
  void theFirstValueOfASysctlStaysHoweverOftenItIsSet() {
    Saved saved = Saved.NOTHING.setting("a", "0", "1").setting("a", "1", "2");
    assertThat(saved.sysctls()).isEqualTo(Map.of("a", new Saved.Sysctl("0", "2")));
    assertThat(Saved.parse(saved.format(NAMESPACE), NAMESPACE)).isEqualTo(saved);
  }

  /** Setting one may change others: backwards, each is put back to what the next one found. */
  @Test
  void theSysctlThatWasSetLastIsPutBackFirstAlsoWhenReadAgain() {
    Saved saved =
        Saved.NOTHING.setting("b", "0", "1").setting("a", "0", "1").setting("c", "0", "1");
    Saved again = Saved.parse(saved.format(NAMESPACE), NAMESPACE);
    for (Saved one : List.of(saved, again)) {
      assertThat(one.sysctlsBackwards())
          .extracting(Map.Entry::getKey)
          .containsExactly("c", "a", "b");
    }
  }

  @Test
  void whatWasDraggedAlongKeepsItsFirstValue() {
    Saved saved = Saved.NOTHING.dragging(Map.of("x", "0")).dragging(Map.of("x", "1", "y", "5"));
    assertThat(saved.dragged()).isEqualTo(Map.of("x", "0", "y", "5"));
  }
}
