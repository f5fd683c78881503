package dev.freeway.dataplane;

import dev.freeway.dataplane.doctor.Finding;
import dev.freeway.dataplane.ipvs.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;

/**
 * An overview as JSON, whole or what changed of it. What changed has the same fields: of {@code
 * services} those that differ in words, {@code figures} for those that differ in numbers alone,
 * {@code gone} for those that are no longer there, of {@code changes} the new ones; another field
 * is there whole, or not there where it is the same.
 */
final class OverviewDocument {
  private OverviewDocument() {}

  /** Every field, after {@code version}. */
  static void whole(JsonGenerator json, Overview overview) {
    times(json, overview.times());
    router(json, overview.router());
    services(json, overview.services());
    changes(json, overview.changes());
    latency(json, overview.latency());
    problems(json, overview.problems());
    doctor(json, overview.doctor());
  }

  /** What is to be told to whoever knows the one before; empty for nothing. */
  static Optional<String> changes(Overview before, Overview after) {
    Map<String, Overview.Service> differing = new TreeMap<>();
    Map<String, Overview.Service> figures = new TreeMap<>();
    after
        .services()
        .forEach(
            (name, service) -> {
              Overview.Service was = before.services().get(name);
              if (!service.equals(was)) {
                (was != null && service.isLike(was) ? figures : differing).put(name, service);
              }
            });
    List<String> gone = new ArrayList<>(before.services().keySet());
    gone.removeAll(after.services().keySet());
    long known = before.changes().isEmpty() ? 0 : before.changes().getLast().number();
    List<RecentChanges.Entry> news =
        after.changes().stream().filter(entry -> entry.number() > known).toList();
    boolean same =
        differing.isEmpty()
            && figures.isEmpty()
            && gone.isEmpty()
            && news.isEmpty()
            && before.times().tableMillis() == after.times().tableMillis()
            && before.router().equals(after.router())
            && before.latency().equals(after.latency())
            && before.problems().equals(after.problems())
            && before.doctor().equals(after.doctor());
    if (same) {
      return Optional.empty();
    }
    return Optional.of(
        JsonOutput.line(
            json -> {
              times(json, after.times());
              if (!before.router().equals(after.router())) {
                router(json, after.router());
              }
              if (!differing.isEmpty()) {
                services(json, differing);
              }
              if (!figures.isEmpty()) {
                figures(json, figures);
              }
              if (!gone.isEmpty()) {
                json.writeArrayPropertyStart("gone");
                gone.forEach(json::writeString);
                json.writeEndArray();
              }
              if (!news.isEmpty()) {
                changes(json, news);
              }
              if (!before.latency().equals(after.latency())) {
                latency(json, after.latency());
              }
              if (!before.problems().equals(after.problems())) {
                problems(json, after.problems());
              }
              if (!before.doctor().equals(after.doctor())) {
                doctor(json, after.doctor());
              }
            }));
  }

  private static void times(JsonGenerator json, Overview.Times times) {
    json.writeNumberProperty("at", times.nowMillis());
    json.writeNumberProperty("tableAt", times.tableMillis());
    json.writeNumberProperty("inputAt", times.inputMillis());
  }

  private static void router(JsonGenerator json, Overview.About router) {
    json.writeObjectPropertyStart("router");
    json.writeStringProperty("node", router.node());
    json.writeStringProperty("dataplane", router.relay() ? "relay" : "kernel");
    json.writeStringProperty("unready", router.unready());
    json.writeNumberProperty("draining", router.draining());
    json.writeNumberProperty("repaired", router.repaired());
    json.writeArrayPropertyStart("boundsMicros");
    router.bounds().forEach(json::writeNumber);
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void services(JsonGenerator json, Map<String, Overview.Service> services) {
    json.writeObjectPropertyStart("services");
    services.forEach(
        (name, service) -> {
          json.writeObjectPropertyStart(name);
          json.writeBooleanProperty("ours", service.ours());
          json.writeStringProperty("owner", service.owner());
          json.writeStringProperty("scheduler", service.scheduler());
          json.writeStringProperty("answers", service.answers());
          statistics(json, service.statistics());
          json.writeArrayPropertyStart("backends");
          service.backends().forEach(backend -> backend(json, backend));
          json.writeEndArray();
          json.writeEndObject();
        });
    json.writeEndObject();
  }

  private static void backend(JsonGenerator json, Overview.Backend backend) {
    json.writeStartObject();
    json.writeStringProperty("address", backend.address());
    json.writeStringProperty("state", backend.condition().state().word());
    json.writeStringProperty("reason", backend.condition().reason());
    json.writeStringProperty("forwarding", backend.forwarding());
    json.writeNumberProperty("weight", backend.weight());
    json.writeNumberProperty("active", backend.active());
    json.writeNumberProperty("inactive", backend.inactive());
    statistics(json, backend.statistics());
    json.writeEndObject();
  }

  private static void statistics(JsonGenerator json, Statistics statistics) {
    json.writeNumberProperty("connections", statistics.connections());
    json.writeNumberProperty("cps", statistics.connectionsPerSecond());
    json.writeNumberProperty("inBps", statistics.inBytesPerSecond());
    json.writeNumberProperty("outBps", statistics.outBytesPerSecond());
  }

  /**
   * A list of numbers each, for most of what changes every second is this: the service's {@code
   * connections, cps, inBps, outBps}, then for each backend {@code active, inactive} and the same.
   */
  private static void figures(JsonGenerator json, Map<String, Overview.Service> services) {
    json.writeObjectPropertyStart("figures");
    services.forEach(
        (name, service) -> {
          json.writeArrayPropertyStart(name);
          numbers(json, service.statistics());
          for (Overview.Backend backend : service.backends()) {
            json.writeNumber(backend.active());
            json.writeNumber(backend.inactive());
            numbers(json, backend.statistics());
          }
          json.writeEndArray();
        });
    json.writeEndObject();
  }

  private static void numbers(JsonGenerator json, Statistics statistics) {
    json.writeNumber(statistics.connections());
    json.writeNumber(statistics.connectionsPerSecond());
    json.writeNumber(statistics.inBytesPerSecond());
    json.writeNumber(statistics.outBytesPerSecond());
  }

  private static void changes(JsonGenerator json, List<RecentChanges.Entry> changes) {
    json.writeArrayPropertyStart("changes");
    for (RecentChanges.Entry entry : changes) {
      PlannedChange words = entry.words();
      json.writeStartObject();
      json.writeNumberProperty("number", entry.number());
      json.writeNumberProperty("at", entry.millis());
      json.writeStringProperty("action", words.action());
      json.writeStringProperty("kind", words.kind());
      json.writeStringProperty("service", words.service());
      json.writeStringProperty("destination", words.destination());
      json.writeStringProperty("before", words.before());
      json.writeStringProperty("after", words.after());
      json.writeStringProperty("reason", words.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void latency(JsonGenerator json, RecentChanges.Latency latency) {
    json.writeObjectPropertyStart("latency");
    json.writeArrayPropertyStart("counts");
    latency.counts().forEach(json::writeNumber);
    json.writeEndArray();
    json.writeNumberProperty("sumMicros", latency.sumMicros());
    json.writeNumberProperty("maxMicros", latency.maxMicros());
    json.writeEndObject();
  }

  private static void problems(JsonGenerator json, List<Overview.Problem> problems) {
    json.writeArrayPropertyStart("problems");
    for (Overview.Problem problem : problems) {
      json.writeStartObject();
      json.writeStringProperty("kind", problem.kind());
      JsonOutput.fields(json, problem.error());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void doctor(JsonGenerator json, DoctorRounds.Result doctor) {
    json.writeObjectPropertyStart("doctor");
    json.writeBooleanProperty("looked", doctor.looked());
    json.writeStringProperty("failure", doctor.failure());
    json.writeArrayPropertyStart("findings");
    for (Finding finding : doctor.findings()) {
      json.writeStartObject();
      json.writeStringProperty("severity", finding.severity().name().toLowerCase(Locale.ROOT));
      json.writeStringProperty("name", finding.name());
      json.writeStringProperty("problem", finding.problem());
      json.writeStringProperty("why", finding.why());
      json.writeStringProperty("command", finding.command());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
