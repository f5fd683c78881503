package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.kube.api.ApiClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;

/**
 * Writes Events. Their names follow from what they say, so that all who say the same count it up
 * instead of adding another; of each there is one in five minutes, and of all together one a second
 * after the first twenty-five. On the loop's thread.
 */
final class EventWriter {
  private static final int CONFLICT = 409;
  private static final long SAME_EVENT_NANOS = Duration.ofMinutes(5).toNanos();
  private static final int BURST = 25;
  private static final int LONGEST_QUEUE = 1000;

  private final ApiClient client;
  private final String component;
  private final String instance;
  private final LongSupplier clock;
  private final InstantSource time;
  private final ApiWrites writes;
  private final Deque<ServiceEvents.Saying> waiting = new ArrayDeque<>();
  private final Map<String, Long> eventsNanos = new HashMap<>(); // by name, when it was last sent
  private double tokens = BURST;
  private long tokensNanos;

  /**
   * A writer that has written nothing.
   *
   * @param component what speaks
   * @param instance which of them
   */
  EventWriter(
      ApiClient client,
      String component,
      String instance,
      LongSupplier clock,
      InstantSource time,
      ApiWrites writes) {
    this.client = client;
    this.component = component;
    this.instance = instance;
    this.clock = clock;
    this.time = time;
    this.writes = writes;
    this.tokensNanos = clock.getAsLong();
  }

  /** Takes in what is to be said; it is sent as far as the rate allows. */
  void say(List<ServiceEvents.Saying> sayings) {
    for (ServiceEvents.Saying saying : sayings) {
      if (waiting.size() < LONGEST_QUEUE) {
        waiting.add(saying);
      }
    }
    send();
  }

  /** Sends what had to wait. */
  void send() {
    long now = clock.getAsLong();
    tokens = Math.min(BURST, tokens + (now - tokensNanos) / 1e9);
    tokensNanos = now;
    eventsNanos.values().removeIf(at -> now - at > SAME_EVENT_NANOS);
    while (!waiting.isEmpty() && tokens >= 1) {
      ServiceEvents.Saying saying = waiting.removeFirst();
      String name = name(saying);
      if (eventsNanos.putIfAbsent(name, now) == null) {
        tokens--;
        event(saying, name);
      }
    }
  }

  private void event(ServiceEvents.Saying saying, String name) {
    String namespace = saying.owner().substring(0, saying.owner().indexOf('/'));
    String path = "/api/v1/namespaces/" + namespace + "/events";
    String when = time.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    var _ =
        client
            .send("POST", path, ApiWrites.JSON, newEvent(saying, name, namespace, when))
            .whenComplete(
                (answer, failure) -> {
                  if (answer != null && answer.status() == CONFLICT) { // it was said before
                    count(path + "/" + name, when);
                  } else if (answer == null || !answer.ok()) {
                    eventsNanos.remove(name);
                    writes.ended("POST " + path, answer, failure);
                  }
                });
  }

  /** Counts an Event up that is there already. */
  private void count(String path, String when) {
    var _ =
        client
            .send("GET", path, ApiWrites.JSON, "")
            .thenCompose(
                answer -> {
                  int count = answer.ok() ? number(answer.body(), "count") : 0;
                  return client.send(
                      "PATCH",
                      path,
                      ApiWrites.MERGE,
                      ApiWrites.json(
                          json -> {
                            json.writeNumberProperty("count", count + 1);
                            json.writeStringProperty("lastTimestamp", when);
                          }));
                })
            .whenComplete((answer, failure) -> writes.ended("PATCH " + path, answer, failure));
  }

  private static int number(String body, String field) {
    return tools.jackson.databind.json.JsonMapper.shared().readTree(body).path(field).asInt(1);
  }

  private static String name(ServiceEvents.Saying saying) {
    CRC32C hash = new CRC32C();
    hash.update(
        (saying.uid() + "\n" + saying.reason() + "\n" + saying.message())
            .getBytes(StandardCharsets.UTF_8));
    String object = saying.owner().substring(saying.owner().indexOf('/') + 1);
    return object + "." + Long.toHexString(hash.getValue());
  }

  private String newEvent(ServiceEvents.Saying saying, String name, String namespace, String when) {
    return ApiWrites.json(
        json -> {
          json.writeStringProperty("apiVersion", "v1");
          json.writeStringProperty("kind", "Event");
          json.writeObjectPropertyStart("metadata");
          json.writeStringProperty("name", name);
          json.writeStringProperty("namespace", namespace);
          json.writeEndObject();
          json.writeObjectPropertyStart("involvedObject");
          json.writeStringProperty("apiVersion", "v1");
          json.writeStringProperty("kind", saying.kind());
          json.writeStringProperty("namespace", namespace);
          json.writeStringProperty(
              "name", saying.owner().substring(saying.owner().indexOf('/') + 1));
          json.writeStringProperty("uid", saying.uid());
          json.writeEndObject();
          json.writeStringProperty("type", saying.warning() ? "Warning" : "Normal");
          json.writeStringProperty("reason", saying.reason());
          json.writeStringProperty("message", saying.message());
          json.writeStringProperty("firstTimestamp", when);
          json.writeStringProperty("lastTimestamp", when);
          json.writeNumberProperty("count", 1);
          json.writeObjectPropertyStart("source");
          json.writeStringProperty("component", component);
          json.writeEndObject();
          json.writeStringProperty("reportingComponent", component);
          json.writeStringProperty("reportingInstance", instance);
        });
  }
}
