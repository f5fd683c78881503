package dev.freeway.dataplane;

import dev.freeway.dataplane.core.InputError;
import java.io.PrintStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** What {@code prepare} and {@code restore} did. */
record ChangesReport(
    ExitCode exitCode, List<PlannedChange> changes, List<InputError> errors, String closing)
    implements Report {

  @Override
  public void json(JsonGenerator out) {
    json(out, changes);
    JsonOutput.errors(out, errors);
  }

  /** Writes the field {@code changes}. */
  static void json(JsonGenerator out, List<PlannedChange> changes) {
    out.writeArrayPropertyStart("changes");
    for (PlannedChange change : changes) {
      out.writeStartObject();
      out.writeStringProperty("action", change.action());
      out.writeStringProperty("kind", change.kind());
      out.writeStringProperty("service", change.service());
      out.writeStringProperty("destination", change.destination());
      out.writeStringProperty("before", change.before());
      out.writeStringProperty("after", change.after());
      out.writeStringProperty("reason", change.reason());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  @Override
  public void text(PrintStream out, PrintStream err, boolean wide) {
    text(out, changes, wide);
    Failures.print(errors, err);
    out.println(closing);
  }

  /** Writes the changes as a table, if any. */
  static void text(PrintStream out, List<PlannedChange> changes, boolean wide) {
    if (!changes.isEmpty()) {
      TextTable table =
          new TextTable("ACTION", "KIND", "SERVICE", "DESTINATION", "BEFORE", "AFTER", "REASON");
      for (PlannedChange change : changes) {
        table.row(
            change.action(),
            change.kind(),
            dash(change.service()),
            dash(change.destination()),
            shorten(dash(change.before()), wide),
            shorten(dash(change.after()), wide),
            change.reason());
      }
      table.print(out);
    }
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  /** A long list of services would push everything else off the screen. */
  private static String shorten(String text, boolean wide) {
    return wide || text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
