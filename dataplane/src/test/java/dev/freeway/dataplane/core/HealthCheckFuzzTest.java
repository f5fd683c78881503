package dev.freeway.dataplane.core;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freeway.dataplane.core.HealthCheck.Reading;
import java.nio.charset.StandardCharsets;

/** Whatever text is given as a health check: one that reads the same, or a word that is wrong. */
class HealthCheckFuzzTest {
  private static final long INPUTS = 2_000_000;
  private static final int LENGTH = 256;

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void text(byte[] data) {
    if (data.length > LENGTH) {
      return;
    }
    switch (HealthCheck.parse(new String(data, StandardCharsets.UTF_8))) {
      case Reading.Right right -> {
        String text = right.check().text();
        if (!(HealthCheck.parse(text) instanceof Reading.Right(HealthCheck again))
            || !again.equals(right.check())
            || !again.text().equals(text)) {
          throw new AssertionError(text + " reads as " + HealthCheck.parse(text));
        }
      }
      case Reading.Wrong wrong -> {
        if (wrong.expected().isBlank()) {
          throw new AssertionError(wrong);
        }
      }
    }
  }
}
