package dev.freeway.controlplane.ask;

import java.util.Locale;

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

  /** Whether a key has a value. */
  static boolean has(Known known, String key, String value) {
    return known.tags().entrySet().stream()
        .anyMatch(
            each ->
                each.getKey().equalsIgnoreCase(key)
                    && each.getValue().contains(value.toLowerCase(Locale.ROOT)));
  }
}
