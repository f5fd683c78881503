package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.kube.api.FakeApiServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Pods and Services of an API server in, conditions and Events out. */
@Timeout(60)
class PodFollowerTest {
  private static final String GATE =
      ", \"readinessGates\": [{\"conditionType\": \"freeway.dev/backend-prepared\"}]";

  @TempDir Path directory;
  private FakeApiServer api;
  private ScheduledExecutorService loop;
  private PodFollower follower;
  private final List<List<PodNeeds>> heard = new CopyOnWriteArrayList<>();
  private final List<Optional<InputError>> problems = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    api = new FakeApiServer();
    Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
    loop = Executors.newSingleThreadScheduledExecutor();
    follower =
        PodFollower.open(
            Optional.of(kubeconfig),
            "node-1",
            loop,
            System::nanoTime,
            new PodFollower.Listener() {
              @Override
              public void needs(List<PodNeeds> pods, SortedSet<IpAddress> addresses) {
                heard.add(pods);
              }

              @Override
              public void input(Optional<InputError> problem) {
                problems.add(problem);
              }
            });
  }

  @AfterEach
  void end() throws IOException {
    loop.shutdownNow();
    follower.close();
    api.close();
  }

  private void pod(String name, String spec) {
    api.put(BackendPodsTest.pod(name, "\"app\": \"web\"", spec, ""));
  }

  private void service(String... addresses) {
    api.put(
        new ClusterFixture("192.0.2.0/24")
            .service(
                "web",
                ", \"annotations\": {\"freeway.dev/forwarding\": \"tunnel\"}",
                ", \"selector\": {\"app\": \"web\"}",
                addresses));
  }

  private PodNeeds untilNeeded(String pod, int addresses) {
    Await.until(
        () -> heard.toString(),
        () ->
            !heard.isEmpty()
                && heard.getLast().stream()
                    .anyMatch(
                        one ->
                            one.pod().equals("shop/" + pod)
                                && one.addresses().size() == addresses));
    return heard.getLast().stream()
        .filter(one -> one.pod().equals("shop/" + pod))
        .findFirst()
        .orElseThrow();
  }

  private void report(PodNeeds pod, boolean prepared, String message)
      throws ExecutionException, InterruptedException {
    loop.submit(() -> follower.report(pod, prepared, message)).get();
  }

  private long patches() {
    return api.requests().stream()
        .filter(
            request -> request.verb().equals("patch") && request.resource().equals("pods/status"))
        .count();
  }

  private String condition(String pod) {
    JsonNode conditions = api.get("pods", "shop", pod).orElseThrow().at("/status/conditions");
    return conditions.isEmpty()
        ? ""
        : conditions.get(0).path("status").asString()
            + " "
            + conditions.get(0).path("message").asString();
  }

  @Test
  void onlyThePodsOfTheNodeAreAskedFor() {
    pod("web-1", GATE);
    follower.start();
    untilNeeded("web-1", 0);
    assertThat(api.requests())
        .filteredOn(request -> request.resource().equals("pods"))
        .isNotEmpty()
        .allMatch(request -> request.query().contains("spec.nodeName=node-1"));
  }

  @Test
  void aListThatLostMoreThanHalfOfOurServicesIsLookedAtTwice() throws IOException {
    pod("web-1", GATE);
    service("192.0.2.1");
    follower.start();
    untilNeeded("web-1", 1);
    api.refuse();
    api.delete("services", "shop", "web");
    api.compact();
    api.reopen();
    Await.until(
        problems::toString, () -> problems.toString().contains("1 services became 0: more than"));
    assertThat(heard.getLast().getFirst().addresses()).hasSize(1);
    untilNeeded("web-1", 0);
    assertThat(problems.getLast()).isEmpty();
  }

  @Test
  void theConditionOfAPodThatWaitsForItIsWrittenOnceForEachChange() throws Exception {
    pod("web-1", GATE);
    pod("web-2", "");
    service("192.0.2.1");
    follower.start();
    PodNeeds gated = untilNeeded("web-1", 1);
    PodNeeds free = untilNeeded("web-2", 1);

    report(gated, false, "the module fou is not loaded");
    Await.until(() -> condition("web-1"), () -> condition("web-1").startsWith("False the module"));
    report(gated, true, "takes packets to 192.0.2.1");
    Await.until(() -> condition("web-1"), () -> condition("web-1").startsWith("True takes"));
    report(gated, true, "takes packets to 192.0.2.1");
    report(free, true, "takes packets to 192.0.2.1");
    report(gated, false, "a Service came that it cannot be prepared for");
    // What was asked for before is answered before what is asked for now.
    report(gated, true, "last");
    Await.until(() -> condition("web-1"), () -> condition("web-1").equals("True last"));
    assertThat(patches()).as("what is ready is not made unready").isEqualTo(3);
    assertThat(condition("web-2")).isEmpty();
  }

  @Test
  void whatStandsInTheWayIsAnEventOnThePod() throws Exception {
    pod("web-1", "");
    service("192.0.2.1");
    follower.start();
    PodNeeds pod = untilNeeded("web-1", 1);
    report(pod, false, "the module fou is not loaded");
    report(pod, false, "the module fou is not loaded");
    Await.until(
        () -> api.requests().toString(),
        () ->
            api.requests().stream()
                .anyMatch(
                    request ->
                        request.verb().equals("create")
                            && request.body().contains("\"kind\":\"Pod\"")
                            && request.body().contains("BackendNotPrepared")));
    assertThat(api.requests()).filteredOn(request -> request.verb().equals("create")).hasSize(1);
  }

  @Test
  void aServiceThatGetsItsAddressLaterIsHeardOf() {
    pod("web-1", GATE);
    service();
    follower.start();
    assertThat(untilNeeded("web-1", 0).waiting()).containsExactly("shop/web");
    service("192.0.2.1");
    assertThat(untilNeeded("web-1", 1).waiting()).isEmpty();
  }

  @Test
  void aRefusalSaysWhichRoleIsMissing() {
    api.answer(403, 2);
    follower.start();
    Await.until(
        () -> problems.toString(),
        () ->
            problems.stream()
                .flatMap(Optional::stream)
                .anyMatch(error -> error.expected().contains("deploy/kubernetes/backend")));
    Await.until(() -> problems.toString(), () -> problems.getLast().isEmpty());
  }
}
