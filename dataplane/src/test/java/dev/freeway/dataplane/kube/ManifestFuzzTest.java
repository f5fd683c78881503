package dev.freeway.dataplane.kube;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freeway.dataplane.core.InputError;
import java.util.Map;
import org.junit.jupiter.api.Timeout;

/** Whatever bytes are given as a manifest: services and errors, never an exception, in time. */
@Timeout(10) // an input, also while fuzzing
class ManifestFuzzTest {
  /** Fewer than of netlink's messages: a parser takes a hundred times as long. */
  private static final long INPUTS = 500_000;

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void yaml(byte[] data) {
    translate("m.yaml", data);
  }

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void json(byte[] data) {
    translate("m.json", data);
  }

  private static void translate(String name, byte[] data) {
    Manifests manifests = ManifestReader.parse(Map.of(name, data));
    Translation translation = ServiceTranslator.translate(manifests, Map.of());
    if (!translation.complete() && translation.errors().isEmpty()) {
      throw new AssertionError("incomplete without an error");
    }
    for (InputError error : translation.errors()) {
      boolean silent = error.value().isEmpty() && error.field().isEmpty();
      if (silent || error.expected().isEmpty()) {
        throw new AssertionError(
            "an error that does not say what, or what would be right: " + error);
      }
    }
  }
}
