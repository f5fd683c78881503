package dev.freeway.dataplane;

import dev.freeway.dataplane.core.InputError;
import java.io.PrintStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * What {@code plan} found.
 *
 * @param out destinations that stay out although they are ready
 */
record PlanReport(
    ExitCode exitCode,
    List<PlannedChange> changes,
    List<LeftOut> out,
    List<InputError> errors,
    String closing)
    implements Report {

  @Override
  public void json(JsonGenerator json) {
    ChangesReport.json(json, changes);
    LeftOut.json(json, out);
    JsonOutput.errors(json, errors);
  }

  @Override
  public void text(PrintStream to, PrintStream err, boolean wide) {
    ChangesReport.text(to, changes, wide);
    LeftOut.text(to, out);
    Failures.print(errors, err);
    to.println(closing);
  }
}
