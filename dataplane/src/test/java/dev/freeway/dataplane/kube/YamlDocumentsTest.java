package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of inputs that the fuzzer begins with. */
final class YamlDocumentsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "escape-cut | 7 | the text ends in an escape: \\x, \\u and \\U have 2, 4 and 8 hexadecimal"
            + " digits",
        "escape-large | 7 | \\UFFFFFFFF is no character: the last one is \\U0010FFFF",
        "tag-escape | 7 | while scanning a tag, expected URI escape sequence of 2 hexadecimal"
            + " numbers, but found >(62) and  (32)",
      })
  void anEscapeThatIsNoneIsNamed(String input, int column, String problem) throws IOException {
    assertThat(YamlDocuments.parse(corpus(input)))
        .singleElement()
        .isInstanceOfSatisfying(
            Document.Broken.class,
            broken -> {
              assertThat(broken.line()).isEqualTo(1);
              assertThat(broken.column()).isEqualTo(column);
              assertThat(broken.problem()).isEqualTo(problem);
            });
  }

  private static String corpus(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            YamlDocumentsTest.class.getResourceAsStream("ManifestFuzzTestInputs/yaml/" + name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
