package dev.freeway.dataplane;

import dev.freeway.dataplane.core.InputError;
import java.io.PrintStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** A line that names no command: its document has a version and the errors. */
record NoCommandReport(ExitCode exitCode, List<InputError> errors) implements Report {
  @Override
  public void json(JsonGenerator out) {
    JsonOutput.errors(out, errors);
  }

  @Override
  public void text(PrintStream out, PrintStream err, boolean wide) {
    Failures.print(errors, err);
  }
}
