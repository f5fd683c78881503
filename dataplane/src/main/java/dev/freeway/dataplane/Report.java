package dev.freeway.dataplane;

import java.io.PrintStream;
import tools.jackson.core.JsonGenerator;

/** What a command found or did: one JSON document, or lines for people. */
interface Report {
  ExitCode exitCode();

  /** Writes the document's fields after {@code version}. */
  void json(JsonGenerator out);

  /**
   * Writes lines for people.
   *
   * @param wide whether there is room for more columns
   */
  void text(PrintStream out, PrintStream err, boolean wide);
}
