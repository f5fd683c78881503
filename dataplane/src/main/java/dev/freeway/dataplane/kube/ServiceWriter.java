package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Segment;
import dev.freeway.dataplane.kube.api.ApiClient;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes to the API server: the status of Services, Events about them, and this router's Lease.
 * Nothing is written that is there already. Events have names that follow from what they say, so
 * that routers count the same one up instead of adding another; of each there is one in five
 * minutes, and of all together one a second after the first twenty-five. On the loop's thread.
 */
final class ServiceWriter {
  static final String COMPONENT = "ipvs-router";

  private static final String MERGE = "application/merge-patch+json";
  private static final String JSON = "application/json";
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;
  private static final long AGAIN_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long SAME_EVENT_NANOS = Duration.ofMinutes(5).toNanos();
  private static final int BURST = 25;
  private static final int LONGEST_QUEUE = 1000;

  /** A status that was sent. */
  private record Sent(String version, List<IpAddress> addresses, long atNanos) {}

  private final ApiClient client;
  private final String router;
  private final LongSupplier clock;
  private final InstantSource time;
  private final Consumer<Optional<InputError>> problems;
  private final Map<String, Sent> statuses = new HashMap<>();
  private final Deque<ServiceEvents.Saying> waiting = new ArrayDeque<>();
  private final Map<String, Long> eventsNanos = new HashMap<>(); // by name, when it was last sent
  private double tokens = BURST;
  private long tokensNanos;
  private boolean leasing;
  private long leasedNanos;
  private boolean leased;
  private Optional<String> told = Optional.empty(); // the segments in our Lease

  /**
   * A writer that has written nothing.
   *
   * @param router its own name, as in its Lease and its Events
   * @param problems told of a refusal, and of its end
   */
  ServiceWriter(
      ApiClient client,
      String router,
      LongSupplier clock,
      InstantSource time,
      Consumer<Optional<InputError>> problems) {
    this.client = client;
    this.router = router;
    this.clock = clock;
    this.time = time;
    this.problems = problems;
    this.tokensNanos = clock.getAsLong();
  }

  /** Writes the status of a Service where it is not what it should be. */
  void status(Cluster.Standing standing) {
    if (standing.recordedWell()) {
      statuses.remove(standing.owner());
      return;
    }
    long now = clock.getAsLong();
    Sent sent = statuses.get(standing.owner());
    if (sent != null
        && sent.version.equals(standing.version())
        && sent.addresses.equals(standing.addresses())
        && now - sent.atNanos < AGAIN_NANOS) {
      return; // its answer, or the change itself, is on the way
    }
    statuses.put(standing.owner(), new Sent(standing.version(), standing.addresses(), now));
    String path = "/api/v1/namespaces/" + path(standing.owner(), "services") + "/status";
    answered(client.send("PATCH", path, MERGE, statusPatch(standing)), "PATCH " + path);
  }

  private static String path(String owner, String resource) {
    int slash = owner.indexOf('/');
    return owner.substring(0, slash) + "/" + resource + "/" + owner.substring(slash + 1);
  }

  private static String statusPatch(Cluster.Standing standing) {
    return json(
        json -> {
          json.writeObjectPropertyStart("metadata");
          json.writeStringProperty("resourceVersion", standing.version());
          json.writeEndObject();
          json.writeObjectPropertyStart("status");
          json.writeObjectPropertyStart("loadBalancer");
          json.writeArrayPropertyStart("ingress");
          for (IpAddress address : standing.addresses()) {
            json.writeStartObject();
            json.writeStringProperty("ip", address.toString());
            // Packets to it come to us, also from inside: kube-proxy must not answer in our place.
            json.writeStringProperty("ipMode", "Proxy");
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeEndObject();
          json.writeEndObject();
        });
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
            .send("POST", path, JSON, newEvent(saying, name, namespace, when))
            .whenComplete(
                (answer, failure) -> {
                  if (answer != null && answer.status() == CONFLICT) { // it was said before
                    count(path + "/" + name, when);
                  } else if (answer == null || !answer.ok()) {
                    eventsNanos.remove(name);
                    problem("POST " + path, answer, failure);
                  }
                });
  }

  /** Counts an Event up that is there already. */
  private void count(String path, String when) {
    var _ =
        client
            .send("GET", path, JSON, "")
            .thenCompose(
                answer -> {
                  int count = answer.ok() ? number(answer.body(), "count") : 0;
                  return client.send(
                      "PATCH",
                      path,
                      MERGE,
                      json(
                          json -> {
                            json.writeNumberProperty("count", count + 1);
                            json.writeStringProperty("lastTimestamp", when);
                          }));
                })
            .whenComplete((answer, failure) -> problem("PATCH " + path, answer, failure));
  }

  private static int number(String body, String field) {
    return tools.jackson.databind.json.JsonMapper.shared().readTree(body).path(field).asInt(1);
  }

  private static String name(ServiceEvents.Saying saying) {
    CRC32C hash = new CRC32C();
    hash.update(
        (saying.uid() + "\n" + saying.reason() + "\n" + saying.message())
            .getBytes(StandardCharsets.UTF_8));
    String service = saying.owner().substring(saying.owner().indexOf('/') + 1);
    return service + "." + Long.toHexString(hash.getValue());
  }

  private String newEvent(ServiceEvents.Saying saying, String name, String namespace, String when) {
    return json(
        json -> {
          json.writeStringProperty("apiVersion", "v1");
          json.writeStringProperty("kind", "Event");
          json.writeObjectPropertyStart("metadata");
          json.writeStringProperty("name", name);
          json.writeStringProperty("namespace", namespace);
          json.writeEndObject();
          json.writeObjectPropertyStart("involvedObject");
          json.writeStringProperty("apiVersion", "v1");
          json.writeStringProperty("kind", "Service");
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
          json.writeStringProperty("component", COMPONENT);
          json.writeEndObject();
          json.writeStringProperty("reportingComponent", COMPONENT);
          json.writeStringProperty("reportingInstance", router);
        });
  }

  /**
   * Renews this router's Lease when it is time, or says something else.
   *
   * @param segments the networks that it answers on; empty to leave what the Lease says
   */
  void lease(Optional<SortedSet<Segment>> segments) {
    long now = clock.getAsLong();
    Optional<String> text = segments.map(RouterLease::text);
    boolean says = text.isEmpty() || text.equals(told);
    if (leasing || (leased && says && now - leasedNanos < Members.RENEW.toNanos())) {
      return;
    }
    leasing = true;
    leasedNanos = now;
    String path = ClusterObjects.leases(client.namespace());
    String own = path + "/" + leaseName();
    String renewed = time.instant().truncatedTo(ChronoUnit.MICROS).toString();
    var _ =
        client
            .send("PATCH", own, MERGE, leasePatch(renewed, text))
            .thenCompose(
                answer ->
                    answer.status() == NOT_FOUND
                        ? client.send("POST", path, JSON, newLease(renewed, text))
                        : CompletableFuture.completedFuture(answer))
            .whenComplete(
                (answer, failure) -> {
                  leasing = false;
                  leased = answer != null && answer.ok();
                  told = leased ? text.or(() -> told) : Optional.empty();
                  problem("PATCH " + own, answer, failure);
                });
  }

  private String leaseName() {
    return COMPONENT + "-" + router;
  }

  private String leasePatch(String renewed, Optional<String> segments) {
    return json(
        json -> {
          if (segments.isPresent()) {
            json.writeObjectPropertyStart("metadata");
            annotation(json, segments.get());
            json.writeEndObject();
          }
          leaseSpec(json, renewed);
        });
  }

  /** Of no segments there is none. */
  private static void annotation(JsonGenerator json, String segments) {
    json.writeObjectPropertyStart("annotations");
    if (segments.isEmpty()) {
      json.writeNullProperty(RouterLease.SEGMENTS);
    } else {
      json.writeStringProperty(RouterLease.SEGMENTS, segments);
    }
    json.writeEndObject();
  }

  private void leaseSpec(JsonGenerator json, String renewed) {
    json.writeObjectPropertyStart("spec");
    json.writeStringProperty("holderIdentity", router);
    json.writeNumberProperty("leaseDurationSeconds", (int) Members.LEASE.toSeconds());
    json.writeStringProperty("renewTime", renewed);
    json.writeEndObject();
  }

  private String newLease(String renewed, Optional<String> segments) {
    return json(
        json -> {
          json.writeStringProperty("apiVersion", "coordination.k8s.io/v1");
          json.writeStringProperty("kind", "Lease");
          json.writeObjectPropertyStart("metadata");
          json.writeStringProperty("name", leaseName());
          json.writeObjectPropertyStart("labels");
          json.writeStringProperty(ClusterObjects.LABEL, COMPONENT);
          json.writeEndObject();
          if (segments.isPresent() && !segments.get().isEmpty()) {
            annotation(json, segments.get());
          }
          json.writeEndObject();
          leaseSpec(json, renewed);
        });
  }

  private void answered(CompletableFuture<ApiClient.Answer> request, String what) {
    var _ = request.whenComplete((answer, failure) -> problem(what, answer, failure));
  }

  /** A conflict is none: somebody was faster, and the watch brings what they wrote. */
  private void problem(
      String request, ApiClient.@Nullable Answer answer, @Nullable Throwable failure) {
    if (answer != null
        && (answer.ok() || answer.status() == CONFLICT || answer.status() == NOT_FOUND)) {
      problems.accept(Optional.empty());
      return;
    }
    String said =
        answer == null
            ? ApiClient.reason(failure == null ? new IllegalStateException("no answer") : failure)
            : answer.status() + " " + message(answer.body());
    problems.accept(
        Optional.of(
            new InputError(
                "API server " + client.server(),
                request,
                "",
                said,
                answer != null && answer.status() == 403
                    ? "a role that allows it: apply deploy/kubernetes/"
                    : "an answer; it is asked again")));
  }

  private static String message(String body) {
    try {
      return tools.jackson.databind.json.JsonMapper.shared()
          .readTree(body)
          .path("message")
          .asString("");
    } catch (tools.jackson.core.JacksonException e) {
      return body.strip();
    }
  }

  private interface Content {
    void write(JsonGenerator json);
  }

  private static String json(Content content) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json =
        new JsonFactory().createGenerator(tools.jackson.core.ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      content.write(json);
      json.writeEndObject();
    }
    return text.toString();
  }
}
