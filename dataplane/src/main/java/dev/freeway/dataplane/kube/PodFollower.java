package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.ShrinkGuard;
import dev.freeway.dataplane.kube.api.ApiClient;
import dev.freeway.dataplane.kube.api.ApiException;
import dev.freeway.dataplane.kube.api.Listed;
import dev.freeway.dataplane.kube.api.Reflector;
import dev.freeway.dataplane.kube.api.Resource;
import io.fabric8.kubernetes.api.model.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Follows the Pods of one node and the Services that select them, and writes into a Pod's status
 * whether it is prepared for these: a readiness gate, so that no router sends it anything before.
 * Pods are watched here, and nowhere else: their UID leads to their processes, their labels say
 * which Services select them before they are in any slice. On the loop's thread.
 */
public final class PodFollower implements AutoCloseable {
  private static final String COMPONENT = "ipvs-router-backend";
  private static final long AGAIN_NANOS = Duration.ofSeconds(5).toNanos();

  /** The share of our Services that a list may lose without a second one that agrees. */
  private static final double MAX_SHRINK = 0.5;

  /** Told what becomes of the input, on the loop's thread. */
  public interface Listener {
    /**
     * What is needed.
     *
     * @param pods each Pod of the node, those included that need nothing
     * @param addresses of all Services whose answers pass the routers
     */
    void needs(List<PodNeeds> pods, SortedSet<IpAddress> addresses);

    /** Something cannot be read or written, or that is over. */
    void input(Optional<InputError> problem);
  }

  /** A condition that was sent. */
  private record Sent(String status, String message, long atNanos) {}

  private final ApiClient client;
  private final ScheduledExecutorService loop;
  private final LongSupplier clock;
  private final InstantSource time;
  private final Listener listener;
  private final BackendPods state = new BackendPods();
  private final Set<String> awaited = new HashSet<>(Set.of("services", "pods"));
  private final List<Reflector<?>> reflectors = new ArrayList<>();
  private final Map<String, Sent> sent = new HashMap<>(); // by UID
  private final EventWriter events;
  private final ApiWrites writes;
  private Optional<InputError> problem = Optional.empty();
  private boolean flushing;
  private ShrinkGuard guard = new ShrinkGuard(MAX_SHRINK);

  /**
   * A follower, which begins when it is told to.
   *
   * @param node whose Pods
   * @param loop one thread
   */
  public PodFollower(
      ApiClient client,
      String node,
      ScheduledExecutorService loop,
      LongSupplier clock,
      InstantSource time,
      RandomGenerator random,
      Listener listener) {
    this.client = client;
    this.loop = loop;
    this.clock = clock;
    this.time = time;
    this.listener = listener;
    this.writes = new ApiWrites(client, this::problem);
    this.events = new EventWriter(client, COMPONENT, node, clock, time, writes);
    follow(
        ClusterObjects.SERVICES,
        random,
        new Watcher<Sourced<Service>>() {
          @Override
          void all(Collection<Listed<Sourced<Service>>> objects) {
            List<Sourced<Service>> all = objects.stream().map(Listed::object).toList();
            if (passes(BackendPods.ours(all))) {
              state.services(all);
            }
          }

          @Override
          void one(Listed<Sourced<Service>> object) {
            state.service(object.object());
          }

          @Override
          void gone(Listed<Sourced<Service>> object) {
            state.serviceGone(object.key());
          }
        });
    follow(
        ClusterObjects.pods(node),
        random,
        new Watcher<LocalPod>() {
          @Override
          void all(Collection<Listed<LocalPod>> objects) {
            state.pods(objects.stream().map(Listed::object).toList());
          }

          @Override
          void one(Listed<LocalPod> object) {
            state.pod(object.object());
          }

          @Override
          void gone(Listed<LocalPod> object) {
            state.podGone(object.key());
            sent.remove(object.object().uid());
          }
        });
  }

  /**
   * The API server that is configured or around us.
   *
   * @param kubeconfig of it; otherwise it is looked for as every client does
   * @throws ApiException when there is none to be found
   */
  public static PodFollower open(
      Optional<Path> kubeconfig,
      String node,
      ScheduledExecutorService loop,
      LongSupplier clock,
      Listener listener)
      throws ApiException {
    return new PodFollower(
        ApiClient.open(kubeconfig, COMPONENT, loop, clock),
        node,
        loop,
        clock,
        InstantSource.system(),
        RandomGenerator.getDefault(),
        listener);
  }

  private <T> void follow(Resource<T> resource, RandomGenerator random, Watcher<T> watcher) {
    reflectors.add(
        new Reflector<>(
            client, resource, loop, clock, random, Reflector.Patience.DEFAULT, watcher));
  }

  /** Hands over what one kind of objects does. */
  private abstract class Watcher<T> implements Reflector.Listener<T> {
    abstract void all(Collection<Listed<T>> objects);

    abstract void one(Listed<T> object);

    abstract void gone(Listed<T> object);

    @Override
    public void replaced(Resource<T> resource, Collection<Listed<T>> objects, long nanos) {
      all(objects);
      awaited.remove(resource.name());
      touch();
    }

    @Override
    public void changed(Listed<T> object, long nanos) {
      one(object);
      touch();
    }

    @Override
    public void deleted(Listed<T> object, long nanos) {
      gone(object);
      touch();
    }

    @Override
    public void failed(Resource<T> resource, ApiException failure) {
      problem(
          Optional.of(
              new InputError(
                  "API server " + client.server(),
                  resource.name(),
                  "",
                  String.valueOf(failure.getMessage()),
                  failure.status() == 403
                      ? "a role that allows list and watch of "
                          + resource.name()
                          + ": apply deploy/kubernetes/backend.yaml"
                      : "an answer; until then what is known is kept prepared, and it is asked"
                          + " again")));
    }

    @Override
    public void recovered(Resource<T> resource) {
      problem(Optional.empty());
    }
  }

  private void problem(Optional<InputError> now) {
    if (!problem.equals(now)) {
      problem = now;
      listener.input(now);
    }
  }

  /** Begins to follow. */
  public void start() {
    reflectors.forEach(Reflector::start);
  }

  /**
   * Whether a list of Services is taken: one that lost too many of ours waits for a second one, for
   * the Pods of those that are lost would take no packets any more.
   *
   * @param services how many are ours
   */
  private boolean passes(int services) {
    long now = clock.getAsLong();
    ShrinkGuard.Answer answer = guard.against(state.services(), 0).look(services, 0, now);
    boolean held = guard.lowSince().isPresent();
    guard = answer.next();
    if (answer instanceof ShrinkGuard.Answer.Hold(ShrinkGuard next, String reason)) {
      problem(
          Optional.of(
              new InputError(
                  "API server " + client.server(),
                  "services",
                  "",
                  reason,
                  "a second list that says the same; until then what is known is kept prepared")));
      if (next.lowSince().equals(Optional.of(now))) {
        var _ =
            loop.schedule(
                reflectors.getFirst()::relist,
                ShrinkGuard.SECOND_LOOK.toMillis(),
                TimeUnit.MILLISECONDS);
      }
      return false;
    }
    if (held) {
      problem(Optional.empty());
    }
    return true;
  }

  private void touch() {
    if (!flushing) {
      flushing = true;
      loop.execute(
          () -> {
            flushing = false;
            if (awaited.isEmpty()) {
              listener.needs(state.needs(), state.addresses());
            }
          });
    }
  }

  /**
   * Writes whether a Pod is prepared, where its readiness waits for that and does not say so yet.
   * What was prepared once stays so in its status: a Service that comes later, and cannot be
   * prepared for, is not to take the others' endpoints away. An Event says it.
   *
   * @param message what it is prepared for, or what stands in the way
   */
  public void report(PodNeeds pod, boolean prepared, String message) {
    if (!prepared) {
      events.say(
          List.of(
              new ServiceEvents.Saying(
                  "Pod", pod.pod(), pod.uid(), true, "BackendNotPrepared", message)));
    }
    Optional<LocalPod> known = state.pod(pod.pod()).filter(one -> one.uid().equals(pod.uid()));
    if (known.isEmpty() || !known.get().gated()) {
      return;
    }
    String status = prepared ? "True" : "False";
    long now = clock.getAsLong();
    Sent before = sent.get(pod.uid());
    boolean recent = before != null && now - before.atNanos < AGAIN_NANOS;
    boolean ready =
        known.get().condition().equals("True")
            || (before != null && recent && before.status.equals("True")); // and not seen yet
    if (!prepared && ready) {
      return;
    }
    boolean written =
        known.get().condition().equals(status) && known.get().message().equals(message);
    boolean under =
        before != null && recent && before.status.equals(status) && before.message.equals(message);
    if (written || under) {
      return;
    }
    sent.put(pod.uid(), new Sent(status, message, now));
    int slash = pod.pod().indexOf('/');
    String path =
        "/api/v1/namespaces/"
            + pod.pod().substring(0, slash)
            + "/pods/"
            + pod.pod().substring(slash + 1)
            + "/status";
    var _ =
        client
            .send("PATCH", path, ApiWrites.STRATEGIC_MERGE, condition(pod, status, message))
            .whenComplete((answer, failure) -> writes.ended("PATCH " + path, answer, failure));
  }

  private String condition(PodNeeds pod, String status, String message) {
    String when = time.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    return ApiWrites.json(
        json -> {
          json.writeObjectPropertyStart("metadata");
          json.writeStringProperty("uid", pod.uid()); // another Pod of this name is refused
          json.writeEndObject();
          json.writeObjectPropertyStart("status");
          json.writeArrayPropertyStart("conditions");
          json.writeStartObject();
          json.writeStringProperty("type", LocalPod.GATE);
          json.writeStringProperty("status", status);
          json.writeStringProperty("reason", status.equals("True") ? "Prepared" : "NotPrepared");
          json.writeStringProperty("message", message);
          json.writeStringProperty("lastTransitionTime", when);
          json.writeEndObject();
          json.writeEndArray();
          json.writeEndObject();
        });
  }

  /** Sends what had to wait; now and then. */
  public void tick() {
    events.send();
  }

  @Override
  public void close() {
    reflectors.forEach(Reflector::close);
    client.close();
  }
}
