package dev.freeway.controlplane.ask;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Tags that an inventory has. */
final class Tags {
  private Tags() {}

  /** A key as it is written there; as it was said, where there is none such. */
  static String key(Known known, String said) {
    if (known.tags().containsKey(said)) {
      return said;
    }
    return known.tags().keySet().stream()
        .filter(key -> key.equalsIgnoreCase(said))
        .findFirst()
        .orElse(said);
  }

  static boolean isKey(Known known, String said) {
    return known.tags().keySet().stream().anyMatch(key -> key.equalsIgnoreCase(said));
  }

  /** The one key that has a value. */
  static Optional<String> keyOf(Known known, String value) {
    List<String> keys =
        known.tags().entrySet().stream()
            .filter(each -> each.getValue().contains(value.toLowerCase(Locale.ROOT)))
            .map(Map.Entry::getKey)
            .toList();
    return keys.size() == 1 ? Optional.of(keys.getFirst()) : Optional.empty();
  }

  /** Whether a key has a value. */
  static boolean has(Known known, String key, String value) {
    return known.tags().entrySet().stream()
        .anyMatch(
            each ->
                each.getKey().equalsIgnoreCase(key)
                    && each.getValue().contains(value.toLowerCase(Locale.ROOT)));
  }

  /** What a word is well known to be short for; nothing of others. */
  static String longForm(String said) {
    return switch (said.toLowerCase(Locale.ROOT)) {
      case "prod", "prd" -> "production";
      case "dev" -> "development";
      case "stage", "stg" -> "staging";
      default -> "";
    };
  }

  /** A value as the inventory has it: the well-known long form, where that alone is there. */
  static String value(Reading reading, String key, String said) {
    String known = longForm(said);
    if (known.isEmpty() || has(reading.known, key, said) || !has(reading.known, key, known)) {
      return said;
    }
    reading.readAs.put(said, known);
    return known;
  }
}
