package dev.freeway.dataplane;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.doctor.Finding;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/** What {@code doctor} found, and what it could not look at. */
record DoctorReport(List<Finding> findings, List<InputError> errors) implements Report {
  @Override
  public ExitCode exitCode() {
    return !findings.isEmpty()
        ? ExitCode.PENDING
        : errors.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
  }

  @Override
  public void json(JsonGenerator out) {
    out.writeArrayPropertyStart("findings");
    for (Finding finding : findings) {
      out.writeStartObject();
      out.writeStringProperty("severity", severity(finding));
      out.writeStringProperty("name", finding.name());
      out.writeStringProperty("problem", finding.problem());
      out.writeStringProperty("why", finding.why());
      out.writeStringProperty("command", finding.command());
      out.writeEndObject();
    }
    out.writeEndArray();
    JsonOutput.errors(out, errors);
  }

  private static String severity(Finding finding) {
    return finding.severity().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void text(PrintStream out, PrintStream err, boolean wide) {
    for (Finding finding : findings) {
      String what = severity(finding) + ": " + finding.problem() + " (" + finding.name() + ")";
      out.println(Printable.of(what));
      out.println(Printable.of("  why:  " + finding.why()));
      out.println(Printable.of("  mend: " + finding.command()));
    }
    Failures.print(errors, err);
    if (findings.isEmpty() && errors.isEmpty()) {
      out.println("nothing stands in the way");
    } else if (!findings.isEmpty()) {
      out.println(findings.size() == 1 ? "1 finding" : findings.size() + " findings");
    }
  }
}
