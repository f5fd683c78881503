package dev.freeway.dataplane;

import dev.freeway.dataplane.core.ServiceDestination;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.SortedMap;
import tools.jackson.core.JsonGenerator;

/**
 * A destination that {@code plan} and {@code apply} leave out because the last {@code run} had.
 *
 * @param service for example {@code tcp 10.0.0.1:80}
 * @param destination for example {@code 10.1.0.1:80}
 * @param since when it was taken out, to the second
 * @param state the state directory whose record says so
 */
record LeftOut(String service, String destination, Instant since, Path state) {
  /**
   * All of them.
   *
   * @param out for how long each is out
   */
  static List<LeftOut> of(
      SortedMap<ServiceDestination, Duration> out, Instant now, Path stateDirectory) {
    return out.entrySet().stream()
        .map(
            one ->
                new LeftOut(
                    one.getKey().service().toString(),
                    one.getKey().destination().toString(),
                    now.minus(one.getValue()).truncatedTo(ChronoUnit.SECONDS),
                    stateDirectory))
        .toList();
  }

  private String reason() {
    return "out by its health check since "
        + since
        + ", by the record in "
        + state
        + "; run decides";
  }

  /** Writes the field {@code out}. */
  static void json(JsonGenerator out, List<LeftOut> all) {
    out.writeArrayPropertyStart("out");
    for (LeftOut one : all) {
      out.writeStartObject();
      out.writeStringProperty("service", one.service);
      out.writeStringProperty("destination", one.destination);
      out.writeStringProperty("since", one.since.toString());
      out.writeStringProperty("reason", one.reason());
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  /** Writes a line for each. */
  static void text(PrintStream out, List<LeftOut> all) {
    for (LeftOut one : all) {
      out.println(
          Printable.of(
              "left out: " + one.destination + " of " + one.service + ": " + one.reason()));
    }
  }
}
