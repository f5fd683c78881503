package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.HealthCheck.Reading;
import dev.freeway.dataplane.kube.api.ApiClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads Pods behind the Services whose check is their readiness probe, each by a GET: a watch would
 * bring every Pod of the cluster. Of a Service two are read, the one that its slices have named for
 * longest and the latest: a rollout that changes the probe shows by their difference, and is over
 * when they say the same again. One alone would have new Pods asked by the old template's probe
 * until the last old Pod is gone. Among those that came together, by name: the replica sets of a
 * rollout that is under way differ there, and a StatefulSet's ordinals. On the loop's thread.
 */
final class ProbeReader {
  /** Requests at a time, of all Services together. */
  private static final int AT_ONCE = 4;

  /** Of a Service so many at once, then one a second: of many Pods that come, few are read. */
  private static final int BURST = 4;

  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private static final Duration FIRST_AGAIN = Duration.ofSeconds(1);
  private static final Duration LONGEST_AGAIN = Duration.ofMinutes(1);

  private static final JsonFactory JSON = new JsonFactory();

  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;

  /** When work is done later. */
  interface Later {
    void run(Runnable work, Duration delay);
  }

  private final ApiClient client;
  private final LongSupplier clock;
  private final RandomGenerator random;
  private final Later later;
  private final BiConsumer<String, PodsRead> read;
  private final Map<String, Asked> asked = new HashMap<>(); // by owner
  private final Deque<Asked> waiting = new ArrayDeque<>();
  private int underWay;

  /**
   * A reader that knows of no Service.
   *
   * @param read told what is known of a Service's Pods, also when that is the same as before
   */
  ProbeReader(
      ApiClient client,
      LongSupplier clock,
      RandomGenerator random,
      Later later,
      BiConsumer<String, PodsRead> read) {
    this.client = client;
    this.clock = clock;
    this.random = random;
    this.later = later;
    this.read = read;
  }

  /** A Service whose Pods are read. */
  private static final class Asked {
    private final String owner;
    private final Map<PodKey, Integer> present = new HashMap<>(); // when it came, counted
    private final Map<PodKey, ProbedPod> known = new HashMap<>(); // of those present, as read
    private final Set<PodKey> absent = new HashSet<>(); // present, and the server has none such
    private boolean others;
    private boolean stands; // what was told last is what Pods say
    private int came;
    private boolean busy; // a request is under way, or waits for its turn
    private boolean resting; // until a time
    private int failures;
    private double tokens = BURST;
    private long tokensNanos;

    Asked(String owner) {
      this.owner = owner;
    }

    /** The one that is there for longest, and the latest. */
    List<PodKey> samples() {
      List<PodKey> sorted =
          present.keySet().stream()
              .filter(pod -> !absent.contains(pod))
              .sorted(
                  Comparator.<PodKey>comparingInt(pod -> Objects.requireNonNull(present.get(pod)))
                      .thenComparing(PodKey::name)
                      .thenComparingInt(PodKey::incarnation))
              .toList();
      return sorted.isEmpty()
          ? List.of()
          : Stream.of(sorted.getFirst(), sorted.getLast()).distinct().toList();
    }

    Optional<PodKey> unread() {
      return samples().stream().filter(pod -> !known.containsKey(pod)).findFirst();
    }
  }

  /** A Service's Pods are these now; empty where its check is not their probe. */
  void follow(String owner, Optional<Cluster.Pods> pods) {
    if (pods.isEmpty()) {
      asked.remove(owner);
      return;
    }
    Asked one = asked.computeIfAbsent(owner, Asked::new);
    Set<PodKey> now = pods.get().pods();
    one.others = pods.get().others();
    one.present.keySet().retainAll(now);
    one.known.keySet().retainAll(now);
    one.absent.retainAll(now);
    one.came++;
    now.forEach(pod -> one.present.putIfAbsent(pod, one.came));
    next(one);
  }

  /** Asks for what is not known yet, or tells what is. */
  private void next(Asked one) {
    if (one.busy || asked.get(one.owner) != one) {
      return;
    }
    if (one.samples().isEmpty()) {
      nobody(one);
    } else if (one.unread().isEmpty()) {
      one.failures = 0;
      tell(one, PodsRead.of(one.samples().stream().map(one.known::get).toList()));
    } else if (!one.resting) {
      if (!mayAsk(one)) {
        rest(one, Duration.ofNanos(SECOND));
        return;
      }
      one.busy = true;
      waiting.add(one);
      take();
    }
  }

  private boolean mayAsk(Asked one) {
    long now = clock.getAsLong();
    one.tokens = Math.min(BURST, one.tokens + (double) (now - one.tokensNanos) / SECOND);
    one.tokensNanos = now;
    if (one.tokens < 1) {
      return false;
    }
    one.tokens--;
    return true;
  }

  private void nobody(Asked one) {
    if (!one.absent.isEmpty()) { // the slices lag behind, or are of others' making
      tell(one, without("no Pod " + one.absent.iterator().next().name(), one));
      again(one, one.absent::clear);
    } else if (one.others) {
      tell(one, without("no endpoint is a Pod", one));
    } else {
      tell(one, PodsRead.NONE);
    }
  }

  private static PodsRead without(String word, Asked one) {
    return new PodsRead(
        List.of(),
        new Reading.Wrong(word, "endpoints with a targetRef of kind Pod behind " + one.owner));
  }

  private void take() {
    while (underWay < AT_ONCE && !waiting.isEmpty()) {
      Asked one = waiting.remove();
      Optional<PodKey> pod = one.unread();
      if (pod.isEmpty() || asked.get(one.owner) != one) {
        one.busy = false;
        next(one);
      } else {
        underWay++;
        get(one, pod.get());
      }
    }
  }

  private void get(Asked one, PodKey pod) {
    String namespace = one.owner.substring(0, one.owner.indexOf('/'));
    String path = "/api/v1/namespaces/" + namespace + "/pods/" + pod.name();
    var _ =
        client
            .send("GET", path, ApiWrites.JSON, "")
            .handle(
                (answer, failure) -> {
                  underWay--;
                  one.busy = false;
                  answered(one, pod, path, answer, failure);
                  next(one);
                  take();
                  return answer;
                });
  }

  private void answered(
      Asked one,
      PodKey pod,
      String path,
      ApiClient.@Nullable Answer answer,
      @Nullable Throwable failure) {
    if (answer != null && answer.ok()) {
      try {
        ProbedPod found = parse(answer.body());
        if (pod.incarnation() != 0 && found.incarnation() != pod.incarnation()) {
          one.absent.add(pod); // its successor will be in the slices
        } else if (one.present.containsKey(pod)) {
          one.known.put(pod, found);
        }
        return;
      } catch (IOException | JacksonException e) {
        failed(one, "GET " + path + ": " + e.getMessage(), "a Pod; it is asked for again", false);
      }
    } else if (answer != null && answer.status() == NOT_FOUND) {
      one.absent.add(pod);
    } else if (answer != null) {
      boolean forbidden = answer.status() == FORBIDDEN;
      failed(
          one,
          "GET " + path + ": " + answer.status() + " " + ApiWrites.message(answer.body()),
          forbidden
              ? "a role that allows get of pods: apply deploy/kubernetes/"
              : "a Pod; it is asked for again",
          forbidden);
    } else {
      failed(
          one,
          "GET "
              + path
              + ": "
              + ApiClient.reason(failure == null ? new CompletionException(null) : failure),
          "an answer; it is asked for again",
          false);
    }
  }

  /** While a Pod that was read is there, what it said stands, unless we may not ask at all. */
  private void failed(Asked one, String what, String expected, boolean refused) {
    if (refused || one.known.isEmpty() || !one.stands) {
      tell(one, new PodsRead(List.of(), new Reading.Wrong(what, expected)));
    }
    again(one, () -> {});
  }

  private void again(Asked one, Runnable before) {
    long most =
        Math.min(LONGEST_AGAIN.toNanos(), FIRST_AGAIN.toNanos() << Math.min(one.failures, 10));
    one.failures++;
    if (!one.resting) {
      rest(one, Duration.ofNanos(random.nextLong(most / 2, most + 1)), before);
    }
  }

  private void rest(Asked one, Duration delay) {
    rest(one, delay, () -> {});
  }

  private void rest(Asked one, Duration delay, Runnable before) {
    one.resting = true;
    later.run(
        () -> {
          one.resting = false;
          before.run();
          next(one);
        },
        delay);
  }

  private void tell(Asked one, PodsRead now) {
    one.stands = !now.pods().isEmpty();
    read.accept(one.owner, now);
  }

  private static ProbedPod parse(String body) throws IOException {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
      parser.nextToken();
      if (JsonDocuments.value(parser) instanceof Tree.Mapping pod) {
        return ProbedPod.of(pod);
      }
      throw new IOException("a Pod is an object");
    }
  }
}
