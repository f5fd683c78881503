package dev.freeway.controlplane.ask;

import dev.freeway.controlplane.catalog.Path;
import java.util.Locale;

/**
 * A member of a type's documents.
 *
 * @param path where it is
 * @param words as sentences have it
 */
record Field(Path path, Kind kind, String words) {
  /** What is at the path. */
  enum Kind {
    TEXT,
    NUMBER,
    TRUTH,
    TIME,
    /** A list, of which the length counts. */
    SIZE
  }

  boolean isNumber() {
    return kind == Kind.NUMBER || kind == Kind.SIZE;
  }

  private String last() {
    return path.steps().stream().filter(step -> !step.equals("[]")).reduce("", (a, b) -> b);
  }

  /** How many of its own unit one gibibyte is; 0 where it is no size. */
  double perGibibyte() {
    String name = last().toLowerCase(Locale.ROOT);
    if (name.contains("bytes")
        || name.equals("codesize")
        || path.text().startsWith("SizeInBytes")) {
      return 1L << 30;
    }
    if (name.equals("memorysize")
        || name.equals("memory")
        || path.text().equals("EphemeralStorage.Size")) {
      return 1024;
    }
    return name.equals("size") || name.contains("storage") || name.contains("volumesize") ? 1 : 0;
  }

  /** How many of its own unit one day is; 0 where it is no span of time. */
  double perDay() {
    String name = last().toLowerCase(Locale.ROOT);
    if (name.contains("hours")) {
      return 24;
    }
    if (name.contains("days") || name.equals("backupretentionperiod")) {
      return 1;
    }
    if (name.contains("minutes")) {
      return 24 * 60;
    }
    return name.contains("timeout")
            || name.contains("seconds")
            || name.equals("messageretentionperiod")
        ? 86_400
        : 0;
  }
}
