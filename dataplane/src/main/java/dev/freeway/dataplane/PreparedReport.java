package dev.freeway.dataplane;

import dev.freeway.dataplane.backend.Backend;
import java.io.PrintStream;
import tools.jackson.core.JsonGenerator;

/** What {@code backend prepare} did. */
record PreparedReport(ExitCode exitCode, Backend.Report done) implements Report {
  private static String action(Backend.Lack change) {
    return change.removal() ? "delete" : "set";
  }

  @Override
  public void json(JsonGenerator out) {
    out.writeArrayPropertyStart("changes");
    for (Backend.Lack change : done.changes()) {
      out.writeStartObject();
      out.writeStringProperty("action", action(change));
      out.writeStringProperty("kind", change.name());
      out.writeStringProperty("what", change.what());
      out.writeStringProperty("reason", change.why());
      out.writeEndObject();
    }
    out.writeEndArray();
    JsonOutput.errors(out, done.errors());
  }

  @Override
  public void text(PrintStream out, PrintStream err, boolean wide) {
    int changes = done.changes().size();
    if (changes > 0) {
      TextTable table = new TextTable("ACTION", "WHAT", "REASON");
      for (Backend.Lack change : done.changes()) {
        table.row(action(change), change.what(), change.why());
      }
      table.print(out);
    }
    Failures.print(done.errors(), err);
    out.println(changes == 0 ? "nothing to prepare" : changes + " changes");
  }
}
