package dev.freeway.dataplane;

/** How a command's result is written to standard output. */
enum OutputFormat {
  /** Aligned columns for people. */
  TABLE,
  /** The same with more columns. */
  WIDE,
  /** Exactly one JSON document. */
  JSON
}
