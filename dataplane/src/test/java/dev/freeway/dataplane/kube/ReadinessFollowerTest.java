package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.kube.api.FakeApiServer;
import dev.freeway.dataplane.sync.LastDesired;
import dev.freeway.dataplane.sync.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Services whose check is their Pods' readiness probe, in a cluster that changes. */
@Timeout(120)
final class ReadinessFollowerTest {
  private static final String OLD = "\"httpGet\": {\"path\": \"/old\", \"port\": \"web\"}";
  private static final String NEW = "\"httpGet\": {\"path\": \"/new\", \"port\": \"web\"}";
  private static final String EXEC = "\"exec\": {\"command\": [\"true\"]}";
  private static final String RATES = ",interval=10s,timeout=1s,rise=1,fall=3";

  @TempDir Path directory;
  private FakeApiServer api;
  private ClusterFollower follower;
  private final ClusterFixture table = new ClusterFixture();
  private final List<RuntimeException> defects = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    api = new FakeApiServer();
    Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
    follower =
        ClusterFollower.open(
            Optional.of(kubeconfig),
            "node-1",
            List.of(Prefix.parse("10.9.0.8/29")),
            new Desired(Collections.emptySortedMap()),
            translation -> translation,
            System::nanoTime,
            new ClusterFollower.Listener() {
              @Override
              public void input(InputStatus before, InputStatus after) {}

              @Override
              public void recalled(Instant at, int services) {}

              @Override
              public void notKept(String reason) {}

              @Override
              public void failed(RuntimeException defect) {
                defects.add(defect);
              }
            },
            this::take,
            new LastDesired(
                StateDirectory.open(directory.resolve("state")), new Namespace("net:[1]", "boot")),
            () -> false,
            Optional.empty());
  }

  private synchronized void take(Event event) {
    table.take(List.of(event));
  }

  @AfterEach
  void end() throws IOException {
    follower.close();
    api.close();
    assertThat(defects).isEmpty();
  }

  private void service(String check) {
    api.put(
        """
        {"kind": "Service",
         "metadata": {"namespace": "shop", "name": "web",
                      "annotations": {"freeway.dev/health-check": "%s"}},
         "spec": {"type": "LoadBalancer", "loadBalancerClass": "freeway.dev/ipvs",
                  "ipFamilies": ["IPv4"], "ports": [{"port": 80, "targetPort": "web"}]},
         "status": %s}"""
            .formatted(check, api.status("services", "shop", "web")));
  }

  /** A Pod; its UID is its name's where none is given. */
  private void pod(String name, String uid, String probe) {
    api.put(
        """
        {"kind": "Pod", "metadata": {"namespace": "shop", "name": "%s", "uid": "%s"},
         "spec": {"containers": [{"name": "app", "readinessProbe": {%s},
                                  "ports": [{"name": "web", "containerPort": 8080}]}]}}"""
            .formatted(name, uid, probe));
  }

  private void pod(String name, String probe) {
    pod(name, "uid-of-" + name, probe);
  }

  private static String endpoint(int last, String pod, String uid, String conditions) {
    return """
        {"addresses": ["10.1.0.%d"], "conditions": {%s},
         "targetRef": {"kind": "Pod", "namespace": "shop", "name": "%s", "uid": "%s"}}"""
        .formatted(last, conditions, pod, uid);
  }

  private void endpoints(String... endpoints) {
    api.put(
        """
        {"kind": "EndpointSlice",
         "metadata": {"namespace": "shop", "name": "web-1",
                      "labels": {"kubernetes.io/service-name": "web"}},
         "addressType": "IPv4", "ports": [{"port": 8080}], "endpoints": [%s]}"""
            .formatted(String.join(", ", endpoints)));
  }

  private void behind(String... pods) {
    endpoints(
        IntStream.range(0, pods.length)
            .mapToObj(i -> endpoint(i + 1, pods[i], "uid-of-" + pods[i], "\"ready\": true"))
            .toArray(String[]::new));
  }

  private synchronized String check() {
    return table.table.values().stream()
        .map(service -> Optional.ofNullable(service.health().check()))
        .map(check -> check.map(HealthCheck::text).orElse("none"))
        .findFirst()
        .orElse("no service");
  }

  private synchronized long destinations() {
    return table.table.values().stream().mapToLong(one -> one.endpoints().size()).sum();
  }

  private List<String> unchecked() {
    return follower.status().unchecked().stream().map(ServiceEvents::sentence).toList();
  }

  private void untilCheck(String expected) {
    Await.until(
        () -> check() + ", not " + expected + "; " + follower.status() + defects,
        () -> check().equals(expected));
  }

  private void untilUnchecked(String... words) {
    Await.until(
        () -> unchecked() + ", not " + Arrays.toString(words) + "; " + defects,
        () ->
            unchecked().size() == 1 && Arrays.stream(words).allMatch(unchecked().get(0)::contains));
    untilCheck("none");
    Await.until(
        () -> "no Event of " + Arrays.toString(words),
        () ->
            api.requests().stream()
                .anyMatch(
                    request ->
                        request.resource().equals("events")
                            && request.body().contains("\"reason\":\"NotChecked\"")
                            && request.body().contains("\"type\":\"Warning\"")
                            && Arrays.stream(words).allMatch(request.body()::contains)));
  }

  private long gets() {
    return api.requests().stream()
        .filter(one -> one.verb().equals("get") && one.resource().equals("pods"))
        .count();
  }

  @Test
  void theChecksOfAServiceAreItsPodsReadinessProbe() {
    service("readiness-probe");
    pod("web-a-1", OLD);
    behind("web-a-1");
    follower.start();
    untilCheck("http,path=/old" + RATES);
    assertThat(gets()).isEqualTo(1);
    assertThat(api.requests())
        .noneMatch(one -> one.resource().equals("pods") && !one.verb().equals("get"));
    assertThat(unchecked()).isEmpty();
  }

  @Test
  void theAnnotationMaySayOtherwiseAndMayChange() {
    service("readiness-probe,interval=2s,rise=5,port=81");
    pod("web-a-1", OLD);
    behind("web-a-1");
    follower.start();
    untilCheck("http,port=81,path=/old,interval=2s,timeout=1s,rise=5,fall=3");
    service("readiness-probe,interval=500ms");
    untilUnchecked("interval=500ms", "at least 1s");
    service("tcp,interval=2s");
    untilCheck("tcp,interval=2s,timeout=1s,rise=2,fall=3");
    service("none");
    untilCheck("none");
    assertThat(unchecked()).isEmpty();
  }

  @Test
  void aServiceThatIsMadeAnewIsCheckedAgain() {
    service("readiness-probe");
    pod("web-a-1", OLD);
    behind("web-a-1");
    follower.start();
    untilCheck("http,path=/old" + RATES);
    for (int i = 0; i < 5; i++) { // seen at once or one after the other, as it comes
      api.delete("services", "shop", "web");
      service("readiness-probe,rise=" + (i + 2));
      untilCheck("http,path=/old,interval=10s,timeout=1s,rise=" + (i + 2) + ",fall=3");
    }
    service("none");
    untilCheck("none");
    service("readiness-probe");
    untilCheck("http,path=/old" + RATES);
  }

  /** New Pods are not asked by the old template's probe, nor old ones by the new one's. */
  @Test
  void aRolloutToAnotherProbeIsNotCheckedUntilItIsOver() {
    service("readiness-probe");
    for (String pod : List.of("web-f-1", "web-f-2", "web-f-3")) {
      pod(pod, OLD);
    }
    behind("web-f-1", "web-f-2", "web-f-3");
    follower.start();
    untilCheck("http,path=/old" + RATES);
    pod("web-c-1", NEW);
    behind("web-f-1", "web-f-2", "web-f-3", "web-c-1");
    untilUnchecked("Pod web-f-1: http,path=/old", "Pod web-c-1: http,path=/new");
    pod("web-c-2", NEW);
    behind("web-f-3", "web-c-1", "web-c-2");
    Await.until(() -> "" + unchecked(), () -> unchecked().toString().contains("Pod web-f-3"));
    assertThat(check()).isEqualTo("none");
    behind("web-c-1", "web-c-2");
    untilCheck("http,path=/new" + RATES);
    Await.until(() -> "" + unchecked(), () -> unchecked().isEmpty());
    assertThat(destinations()).isEqualTo(2);
  }

  @Test
  void aRolloutToTheSameProbeChangesNothing() {
    service("readiness-probe");
    pod("web-a-1", OLD);
    behind("web-a-1");
    follower.start();
    untilCheck("http,path=/old" + RATES);
    pod("web-b-1", OLD);
    behind("web-a-1", "web-b-1");
    Await.until(() -> "" + gets(), () -> gets() == 2);
    endpoints(
        endpoint(1, "web-a-1", "uid-of-web-a-1", "\"ready\": false, \"terminating\": true"),
        endpoint(2, "web-b-1", "uid-of-web-b-1", "\"ready\": true"));
    behind("web-b-1");
    Await.until(() -> "" + destinations(), () -> destinations() == 1);
    untilCheck("http,path=/old" + RATES);
    assertThat(gets()).isEqualTo(2);
    assertThat(api.requests()).noneMatch(one -> one.body().contains("NotChecked"));
  }

  /** A StatefulSet's Pod comes back under its name. */
  @Test
  void aPodOfTheSameNameIsReadAgain() {
    service("readiness-probe");
    pod("web-0", "first", OLD);
    endpoints(endpoint(1, "web-0", "first", "\"ready\": true"));
    follower.start();
    untilCheck("http,path=/old" + RATES);
    endpoints(endpoint(2, "web-0", "second", "\"ready\": true"));
    untilUnchecked("no Pod web-0");
    api.delete("pods", "shop", "web-0");
    pod("web-0", "second", NEW);
    untilCheck("http,path=/new" + RATES);
  }

  @Test
  void aCommandIsSaidAndTheServiceGoesOn() {
    service("readiness-probe");
    pod("web-a-1", EXEC);
    behind("web-a-1");
    follower.start();
    untilUnchecked("container app, readinessProbe: exec", "httpGet, tcpSocket or grpc");
    assertThat(follower.status().refused()).isEmpty();
    assertThat(destinations()).isEqualTo(1);
    pod("web-b-1", NEW);
    behind("web-b-1");
    untilCheck("http,path=/new" + RATES);
    Await.until(() -> "" + unchecked(), () -> unchecked().isEmpty());
  }

  @Test
  void whatTheRoleDoesNotAllowIsSaidAndTriedAgain() {
    service("readiness-probe");
    pod("web-a-1", OLD);
    behind("web-a-1");
    api.answer("pods", 403);
    follower.start();
    untilUnchecked("403 ordered by the test", "a role that allows get of pods");
    assertThat(destinations()).isEqualTo(1);
    api.answer("pods", 0);
    untilCheck("http,path=/old" + RATES);
    Await.until(() -> "" + unchecked(), () -> unchecked().isEmpty());
  }

  @Test
  void aPodThatIsNotThereIsLookedForAgain() {
    service("readiness-probe");
    behind("web-a-1");
    follower.start();
    untilUnchecked("no Pod web-a-1");
    pod("web-a-1", OLD);
    untilCheck("http,path=/old" + RATES);
  }

  @Test
  void ofSeveralPodsTheOnesThatAreThereAreEnough() {
    service("readiness-probe");
    pod("web-a-2", OLD);
    behind("web-a-1", "web-a-2", "web-a-3");
    follower.start();
    untilCheck("http,path=/old" + RATES);
  }

  @Test
  void whatWasReadStandsWhileTheServerIsAtFault() {
    service("readiness-probe");
    pod("web-a-1", OLD);
    behind("web-a-1");
    follower.start();
    untilCheck("http,path=/old" + RATES);
    api.answer("pods", 500);
    pod("web-a-2", OLD);
    behind("web-a-1", "web-a-2");
    Await.until(() -> "" + gets(), () -> gets() >= 3);
    assertThat(check()).isEqualTo("http,path=/old" + RATES);
    behind("web-a-2");
    untilUnchecked("500 ordered by the test", "it is asked for again");
    api.answer("pods", 0);
    untilCheck("http,path=/old" + RATES);
  }

  @Test
  void whatIsInTheWayFromTheStartIsSaidThoughAnotherPodWasRead() {
    service("readiness-probe");
    pod("web-a-1", OLD);
    pod("web-a-2", OLD);
    behind("web-a-1", "web-a-2");
    api.answer("pods/web-a-2", 500);
    follower.start();
    untilUnchecked("500 ordered by the test", "it is asked for again");
    api.answer("pods/web-a-2", 0);
    untilCheck("http,path=/old" + RATES);
    Await.until(() -> "" + unchecked(), () -> unchecked().isEmpty());
  }

  /** Who may write slices may write anything there, and the API server does not look. */
  @Test
  void aTargetThatNoPodCanBeNamedIsNotAskedFor() {
    service("readiness-probe");
    pod("web-a-1", OLD);
    behind("web a 1", "../../../../api/v1/nodes", "web?watch=true", "web-a-1/log");
    follower.start();
    untilUnchecked("no endpoint is a Pod", "a targetRef of kind Pod");
    assertThat(gets()).isZero();
    behind("web a 1", "web-a-1");
    untilCheck("http,path=/old" + RATES);
  }

  @Test
  void endpointsThatAreNoPodsHaveNoProbe() {
    service("readiness-probe");
    endpoints("{\"addresses\": [\"10.1.0.1\"]}");
    follower.start();
    untilUnchecked("no endpoint is a Pod", "a targetRef of kind Pod");
  }

  @Test
  void ofManyPodsThatComeFewAreRead() {
    service("readiness-probe");
    List<String> pods = new ArrayList<>();
    follower.start();
    for (int i = 0; i < 60; i++) {
      pods.add("web-a-" + (100 + i));
      pod(pods.getLast(), OLD);
      behind(pods.toArray(String[]::new));
      int now = i + 1;
      Await.until(() -> "" + destinations(), () -> destinations() == now);
    }
    untilCheck("http,path=/old" + RATES);
    assertThat(gets()).isLessThan(30);
  }
}
