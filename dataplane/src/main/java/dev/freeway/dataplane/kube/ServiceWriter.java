package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Offer;
import dev.freeway.dataplane.kube.api.ApiClient;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import tools.jackson.core.JsonGenerator;

/**
 * Writes to the API server: the status of Services, Events about them, and this router's Lease.
 * Nothing is written that is there already. On the loop's thread.
 */
final class ServiceWriter {
  static final String COMPONENT = "ipvs-router";

  private static final int NOT_FOUND = 404;
  private static final long AGAIN_NANOS = Duration.ofSeconds(5).toNanos();

  /** A status that was sent. */
  private record Sent(String version, List<IpAddress> addresses, long atNanos) {}

  private final ApiClient client;
  private final String router;
  private final LongSupplier clock;
  private final InstantSource time;
  private final ApiWrites writes;
  private final EventWriter events;
  private final Map<String, Sent> statuses = new HashMap<>();
  private boolean leasing;
  private long leasedNanos;
  private boolean leased;
  private Optional<String> told = Optional.empty(); // what our Lease offers

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
    this.writes = new ApiWrites(client, problems);
    this.events = new EventWriter(client, COMPONENT, router, clock, time, writes);
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
    var _ =
        client
            .send("PATCH", path, ApiWrites.MERGE, statusPatch(standing))
            .whenComplete((answer, failure) -> writes.ended("PATCH " + path, answer, failure));
  }

  private static String path(String owner, String resource) {
    int slash = owner.indexOf('/');
    return owner.substring(0, slash) + "/" + resource + "/" + owner.substring(slash + 1);
  }

  private static String statusPatch(Cluster.Standing standing) {
    return ApiWrites.json(
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
    events.say(sayings);
  }

  /** Sends what had to wait. */
  void send() {
    events.send();
  }

  /**
   * Renews this router's Lease when it is time, or says something else.
   *
   * @param offer what it answers for; empty to leave what the Lease says
   * @param nodeUid of its node, with which the Lease goes; empty while that is not known
   */
  void lease(Optional<Offer> offer, Optional<String> nodeUid) {
    long now = clock.getAsLong();
    Optional<String> text = offer.map(Offer::toString);
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
            .send("PATCH", own, ApiWrites.MERGE, leasePatch(renewed, text, nodeUid))
            .thenCompose(
                answer ->
                    answer.status() == NOT_FOUND
                        ? client.send(
                            "POST", path, ApiWrites.JSON, newLease(renewed, text, nodeUid))
                        : CompletableFuture.completedFuture(answer))
            .whenComplete(
                (answer, failure) -> {
                  leasing = false;
                  leased = answer != null && answer.ok();
                  told = leased ? text.or(() -> told) : Optional.empty();
                  writes.ended("PATCH " + own, answer, failure);
                });
  }

  private String leaseName() {
    return COMPONENT + "-" + router;
  }

  private String leasePatch(String renewed, Optional<String> segments, Optional<String> nodeUid) {
    return ApiWrites.json(
        json -> {
          json.writeObjectPropertyStart("metadata");
          segments.ifPresent(text -> annotation(json, text));
          nodeUid.ifPresent(uid -> ownedByNode(json, uid));
          json.writeEndObject();
          leaseSpec(json, renewed);
        });
  }

  /** The cluster then deletes the Lease with the Node. */
  private void ownedByNode(JsonGenerator json, String uid) {
    json.writeArrayPropertyStart("ownerReferences");
    json.writeStartObject();
    json.writeStringProperty("apiVersion", "v1");
    json.writeStringProperty("kind", "Node");
    json.writeStringProperty("name", router);
    json.writeStringProperty("uid", uid);
    json.writeEndObject();
    json.writeEndArray();
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

  private String newLease(String renewed, Optional<String> segments, Optional<String> nodeUid) {
    return ApiWrites.json(
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
          nodeUid.ifPresent(uid -> ownedByNode(json, uid));
          json.writeEndObject();
          leaseSpec(json, renewed);
        });
  }
}
