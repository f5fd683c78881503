package dev.freeway.controlplane.output;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How rows are written. */
public enum Format {
  /** Columns that fit the terminal; what does not fit ends in an ellipsis. */
  TABLE,
  /** Columns as wide as they are. */
  WIDE,
  /** One JSON document: an array of objects. */
  JSON,
  /** Comma-separated, with a head; cells that a spreadsheet would run begin with an apostrophe. */
  CSV,
  /** One YAML document: a list of maps. */
  YAML,
  /** One page with a table. */
  HTML;

  /** A format by its name, in any case. */
  public static Optional<Format> named(String name) {
    return Arrays.stream(values())
        .filter(format -> format.name().equals(name.toUpperCase(Locale.ROOT)))
        .findFirst();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
