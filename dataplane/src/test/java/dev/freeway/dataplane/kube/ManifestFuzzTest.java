package dev.freeway.dataplane.kube;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freeway.dataplane.core.InputError;
import java.util.Map;

/** Whatever bytes are given as a manifest: services and errors, never an exception, in time. */
class ManifestFuzzTest {
  /** Fewer than of netlink's messages: a parser takes a hundred times as long. */
  private static final long INPUTS = 500_000;

  /** For one input. JUnit's own time-out would count the whole campaign as one test. */
  private static final long IN_TIME_NANOS = 10_000_000_000L;

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void yaml(byte[] data) {
    translate("m.yaml", data);
  }

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void json(byte[] data) {
    translate("m.json", data);
  }

  private static void translate(String name, byte[] data) {
    long start = System.nanoTime();
    Manifests manifests = ManifestReader.parse(Map.of(name, data));
    Translation translation = ServiceTranslator.translate(manifests, Map.of());
    if (System.nanoTime() - start > IN_TIME_NANOS) {
      throw new AssertionError("took " + (System.nanoTime() - start) / 1_000_000 + " ms");
    }
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
