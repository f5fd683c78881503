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
 */
record ApplyReport(
    ExitCode exitCode,
    long changes,
    long kernelNanos,
    long totalNanos,
    int draining,
    List<InputError> errors)
    implements Report {

  @Override
  public void json(JsonGenerator out) {
    figures(out, changes, kernelNanos, totalNanos, draining);
    JsonOutput.errors(out, errors);
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
  public void text(PrintStream out, PrintStream err, boolean wide) {
    errors.forEach(error -> err.println("ipvs-router: " + Failures.sentence(error)));
    if (exitCode != ExitCode.FAILED) {
      out.printf(Locale.ROOT, "programmed %d changes in %.3f s%n", changes, totalNanos / 1e9);
      if (draining > 0) {
        out.printf(
            Locale.ROOT,
            "%d destinations drain: they go with the next apply after --drain-limit is over, or they"
                + " are gone from the input%n",
            draining);
      }
    }
  }
}
