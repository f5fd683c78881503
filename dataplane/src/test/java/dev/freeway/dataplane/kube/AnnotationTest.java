package dev.freeway.dataplane.kube;

import static dev.freeway.dataplane.kube.ManifestsFixture.WEB;
import static dev.freeway.dataplane.kube.ManifestsFixture.WEB_SLICE;
import static dev.freeway.dataplane.kube.ManifestsFixture.translate;
import static dev.freeway.dataplane.kube.ManifestsFixture.webWith;
import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Readme;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The annotations' keys and defaults are an interface; the README has the table of them. */
class AnnotationTest {
  @Test
  void theReadmeHasEveryAnnotation() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("annotation", "on", "values", "default", ""));
    for (Annotation annotation : Annotation.values()) {
      rows.add(
          List.of(
              "`" + annotation.key() + "`",
              annotation.place().kind(),
              annotation.takes(),
              annotation == Annotation.ADDRESSES
                  ? annotation.fallback()
                  : "`" + annotation.fallback() + "`",
              annotation.meaning()));
    }
    Readme.holds("annotations", Readme.table(rows));
  }

  @ParameterizedTest
  @EnumSource(value = Annotation.class, mode = EnumSource.Mode.EXCLUDE, names = "ADDRESSES")
  void writingTheDefaultIsAsWritingNothing(Annotation annotation) {
    boolean onService = annotation.place() == Annotation.Place.SERVICE;
    String[] documents = {WEB, WEB_SLICE};
    if (annotation == Annotation.ENCAPSULATION) { // where it means something
      documents[0] = webWith("freeway.dev/forwarding", "tunnel");
    }
    String line = "    " + annotation.key() + ": \"" + annotation.fallback() + "\"\n";
    String[] written = {
      onService
          ? documents[0].replace("  annotations:\n", "  annotations:\n" + line)
          : documents[0],
      onService
          ? documents[1]
          : documents[1].replace("  labels:\n", "  annotations:\n" + line + "  labels:\n")
    };
    assertThat(written).isNotEqualTo(documents);
    Translation translation = translate(written);
    assertThat(translation.errors()).isEmpty();
    assertThat(translation).isEqualTo(translate(documents));
  }

  @Test
  void withoutAddressesAServiceIsRefused() {
    assertThat(translate(WEB.replace("    freeway.dev/addresses: \"10.0.0.1\"\n", "")).errors())
        .singleElement()
        .satisfies(
            error ->
                assertThat(error.field()).isEqualTo("metadata.annotations[freeway.dev/addresses]"));
  }
}
