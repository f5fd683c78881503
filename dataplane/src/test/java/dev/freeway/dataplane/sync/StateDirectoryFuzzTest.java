package dev.freeway.dataplane.sync;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freeway.dataplane.core.Namespace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** Whatever bytes a crash or another program left in our files: read whole, or not believed. */
class StateDirectoryFuzzTest {
  private static final long INPUTS = 4_000_000;
  private static final Namespace NAMESPACE = new Namespace("net:[7]", "boot-1");

  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void file(byte[] data) {
    switch (StateDirectory.decode(Path.of("file"), data)) {
      case StateDirectory.Loaded.Present present -> {
        byte[] content = present.content();
        int from = data.length - content.length;
        if (!Arrays.equals(content, Arrays.copyOfRange(data, from, data.length))) {
          throw new AssertionError("believed, with another content");
        }
      }
      case StateDirectory.Loaded.Corrupt corrupt -> {
        if (corrupt.reason().isEmpty()) {
          throw new AssertionError("not believed, without a reason");
        }
      }
      case StateDirectory.Loaded.Missing _ -> throw new AssertionError("it is there");
    }
  }

  /** A record that is whole by its checksum, of whatever content. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void record(byte[] data) {
    if (data.length > 256) {
      return; // more lines of the same, and slow
    }
    StateDirectory.Recorded recorded =
        StateDirectory.parse(Path.of("ownership-7"), data, NAMESPACE);
    if (!recorded.findings().isEmpty() && !recorded.services().isEmpty()) {
      throw new AssertionError("a record that is not believed names services");
    }
    String text = new String(data, StandardCharsets.UTF_8);
    if (!recorded.services().isEmpty() && !text.startsWith("boot boot-1")) {
      throw new AssertionError("services of another boot");
    }
  }

  /** A record of drains that is whole by its checksum, of whatever content. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void drains(byte[] data) {
    if (data.length > 256) {
      return; // more lines of the same, and slow
    }
    for (long since : StateDirectory.parseTimes(data, NAMESPACE, 1000).values()) {
      if (since < 0 || since > 1000) {
        throw new AssertionError("a drain of another time");
      }
    }
  }

  /** What was last known, whole by its checksum, of whatever content. */
  @FuzzTest(maxDuration = "", maxExecutions = INPUTS)
  void lastDesired(byte[] data) {
    if (data.length > 256) {
      return; // more lines of the same, and slow
    }
    LastDesired.Loaded loaded = LastDesired.parse("desired-7", data);
    if (loaded.saved().isEmpty() == loaded.problem().isEmpty()) {
      throw new AssertionError("neither believed nor refused: " + loaded);
    }
  }
}
