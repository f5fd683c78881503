package dev.freeway.dataplane;

import dev.freeway.dataplane.core.InputError;
import java.io.PrintStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** A command that came to nothing: its document with nothing in it but the errors. */
record FailureReport(Verb verb, ExitCode exitCode, List<InputError> errors) implements Report {
  @Override
  public void json(JsonGenerator out) {
    switch (verb) {
      case PLAN -> {
        empty(out, "changes");
        empty(out, "out");
      }
      case PREPARE, RESTORE, BACKEND_PREPARE -> empty(out, "changes");
      case RUN, TOP, BACKEND_RUN -> {}
      case SHOW -> {
        empty(out, "services");
        empty(out, "announced");
      }
      case DOCTOR, BACKEND_DOCTOR -> empty(out, "findings");
      case APPLY -> {
        ApplyReport.figures(out, 0, 0, 0, 0);
        empty(out, "out");
      }
    }
    JsonOutput.errors(out, errors);
  }

  private static void empty(JsonGenerator out, String list) {
    out.writeArrayPropertyStart(list);
    out.writeEndArray();
  }

  @Override
  public void text(PrintStream out, PrintStream err, boolean wide) {
    Failures.print(errors, err);
  }
}
