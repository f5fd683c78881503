package dev.freeway.dataplane;

import dev.freeway.dataplane.core.InputError;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/**
 * What {@code apply} did.
 *
 * @param changes to the table and to the machine around it
 * @param kernelNanos time in the kernel
 * @param totalNanos from reading the input to the last acknowledgement
 * @param draining destinations that keep their connections and get no new ones
 * @param out destinations that stay out although they are ready
 */
record ApplyReport(
    ExitCode exitCode,
    long changes,
    long kernelNanos,
    long totalNanos,
    int draining,
    List<LeftOut> out,
    List<InputError> errors)
    implements Report {

  @Override
  public void json(JsonGenerator json) {
    figures(json, changes, kernelNanos, totalNanos, draining);
    LeftOut.json(json, out);
    JsonOutput.errors(json, errors);
  }

  /** Writes the fields before the errors. */
  static void figures(
      JsonGenerator out, long changes, long kernelNanos, long totalNanos, int draining) {
    out.writeNumberProperty("changes", changes);
    out.writeNumberProperty("kernelSeconds", kernelNanos / 1e9);
    out.writeNumberProperty("totalSeconds", totalNanos / 1e9);
    out.writeNumberProperty("draining", draining);
  }

  @Override
  public void text(PrintStream to, PrintStream err, boolean wide) {
    Failures.print(errors, err);
    if (exitCode != ExitCode.FAILED) {
      to.printf(Locale.ROOT, "programmed %d changes in %.3f s%n", changes, totalNanos / 1e9);
      LeftOut.text(to, out);
      if (draining > 0) {
        to.printf(
            Locale.ROOT,
            "%d destinations drain: they go with the next apply after --drain-limit is over, or they"
                + " are gone from the input%n",
            draining);
      }
    }
  }
}
