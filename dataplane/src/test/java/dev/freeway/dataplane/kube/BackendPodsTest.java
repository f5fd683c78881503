package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackendPodsTest {
  private static final String TUNNEL =
      ", \"annotations\": {\"freeway.dev/forwarding\": \"tunnel\"}";
  private static final String SELECTOR =
      ", \"selector\": {\"app\": \"web\"}, \"ports\": [{\"port\": 80}, {\"port\": 53, \"protocol\":"
          + " \"UDP\"}]";

  private final ClusterFixture objects = new ClusterFixture("192.0.2.0/24");
  private final BackendPods state = new BackendPods();

  static String pod(String name, String labels, String spec, String status) {
    return """
        {"kind": "Pod",
         "metadata": {"namespace": "shop", "name": "%s", "uid": "uid-%s", "labels": {%s}},
         "spec": {"nodeName": "node-1"%s}, "status": {"phase": "Running"%s}}"""
        .formatted(name, name, labels, spec, status);
  }

  private void pod(String name, String labels) {
    state.pod(read(pod(name, labels, "", "")));
  }

  private static LocalPod read(String json) {
    return ClusterFixture.read(ClusterObjects.pods("node-1"), json).object();
  }

  private void service(String name, String meta, String spec, String... addresses) {
    state.service(
        ClusterFixture.read(ClusterObjects.SERVICES, objects.service(name, meta, spec, addresses))
            .object());
  }

  private PodNeeds needs(String pod) {
    return state.needs().stream()
        .filter(one -> one.pod().equals("shop/" + pod))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aServiceWhoseCheckIsThePodsProbeIsLikeAnyOther() {
    pod("web-1", "\"app\": \"web\"");
    service(
        "web",
        ", \"annotations\": {\"freeway.dev/forwarding\": \"tunnel\","
            + " \"freeway.dev/health-check\": \"readiness-probe\"}",
        SELECTOR,
        "192.0.2.1");
    assertThat(needs("web-1").errors()).isEmpty();
    assertThat(needs("web-1").services()).containsExactly("shop/web");
  }

  @Test
  void aPodNeedsWhatTheServicesThatSelectItSay() {
    pod("web-1", "\"app\": \"web\", \"tier\": \"front\"");
    pod("db-1", "\"app\": \"db\"");
    service("web", TUNNEL, SELECTOR, "192.0.2.1", "2001:db8::1");
    service(
        "front",
        ", \"annotations\": {\"freeway.dev/forwarding\": \"direct\"}",
        ", \"selector\": {\"tier\": \"front\"}",
        "192.0.2.2");
    assertThat(needs("web-1").addresses())
        .extracting(IpAddress::toString)
        .containsExactly("192.0.2.1", "192.0.2.2", "2001:db8::1");
    assertThat(needs("web-1").tunnels()).containsExactly(Encapsulation.IPIP);
    assertThat(needs("web-1").services()).containsExactly("shop/front", "shop/web");
    assertThat(needs("web-1").keys())
        .contains(
            new ServiceKey(Protocol.UDP, IpAddress.parse("192.0.2.1"), 53),
            new ServiceKey(Protocol.TCP, IpAddress.parse("192.0.2.2"), 80));
    assertThat(needs("db-1").services()).isEmpty();
  }

  /** A Pod that is ending is in none of them, and its connections are not over. */
  @Test
  void whatTheNodeLeavesUntrackedDoesNotDependOnItsPods() {
    service("web", TUNNEL, SELECTOR, "192.0.2.1", "2001:db8::1");
    service("front", "", SELECTOR, "192.0.2.2"); // nat
    service(
        "broken", ", \"annotations\": {\"freeway.dev/forwarding\": \"x\"}", SELECTOR, "192.0.2.3");
    service("waiting", TUNNEL, SELECTOR);
    assertThat(state.addresses())
        .extracting(IpAddress::toString)
        .containsExactly("192.0.2.1", "2001:db8::1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ", \"annotations\": {\"freeway.dev/forwarding\": \"nat\"}"})
  void natNeedsNothingOfAPod(String meta) {
    pod("web-1", "\"app\": \"web\"");
    service("web", meta, SELECTOR, "192.0.2.1");
    assertThat(needs("web-1").services()).isEmpty();
    assertThat(needs("web-1").addresses()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ", \"selector\": {}",
        ", \"selector\": {\"app\": \"db\"}",
        ", \"selector\": {\"app\": \"web\", \"more\": \"x\"}",
      })
  void aServiceSelectsOnlyWhatHasAllItsLabels(String selector) {
    pod("web-1", "\"app\": \"web\"");
    service("web", TUNNEL, selector, "192.0.2.1");
    assertThat(needs("web-1").services()).isEmpty();
  }

  @Test
  void anotherNamespacesPodsAreNotSelected() {
    state.pod(read(pod("web-1", "\"app\": \"web\"", "", "").replace("\"shop\"", "\"shop-2\"")));
    service("web", TUNNEL, SELECTOR, "192.0.2.1");
    assertThat(state.needs().getFirst().services()).isEmpty();
  }

  @Test
  void aServiceWithoutAnAddressIsWaitedFor() {
    pod("web-1", "\"app\": \"web\"");
    service("web", TUNNEL, SELECTOR);
    assertThat(needs("web-1").waiting()).containsExactly("shop/web");
    service("web", TUNNEL, SELECTOR, "192.0.2.1");
    assertThat(needs("web-1").waiting()).isEmpty();
  }

  @Test
  void anAnnotationThatCannotBeUsedIsNamed() {
    pod("web-1", "\"app\": \"web\"");
    service(
        "web", ", \"annotations\": {\"freeway.dev/forwarding\": \"tunel\"}", SELECTOR, "192.0.2.1");
    assertThat(needs("web-1").errors()).singleElement().asString().contains("shop/web", "tunel");
  }

  /** As the routers keep it: a slip in an annotation is no reason to stop. */
  @Test
  void aServiceKeepsWhatItHadThroughAnEditThatCannotBeUsed() {
    pod("web-1", "\"app\": \"web\"");
    service("web", TUNNEL, SELECTOR, "192.0.2.1");
    PodNeeds before = needs("web-1");
    service(
        "web",
        ", \"annotations\": {\"freeway.dev/forwarding\": \"tunnel\", \"freeway.dev/weigth\": \"5\"}",
        SELECTOR,
        "192.0.2.1");
    assertThat(needs("web-1").addresses()).isEqualTo(before.addresses()).isNotEmpty();
    assertThat(needs("web-1").tunnels()).isEqualTo(before.tunnels()).isNotEmpty();
    assertThat(state.addresses()).isEqualTo(before.addresses());
    assertThat(needs("web-1").errors()).singleElement().asString().contains("weigth");
    service("web", "", SELECTOR, "192.0.2.1");
    assertThat(needs("web-1").addresses()).isEmpty();
  }

  @Test
  void aServiceOrPodThatIsGoneNeedsNothing() {
    pod("web-1", "\"app\": \"web\"");
    service("web", TUNNEL, SELECTOR, "192.0.2.1");
    state.service(
        ClusterFixture.read(
                ClusterObjects.SERVICES,
                objects
                    .service("web", TUNNEL, SELECTOR, "192.0.2.1")
                    .replace("freeway.dev/ipvs", "other"))
            .object());
    assertThat(needs("web-1").services()).as("another class").isEmpty();
    service("web", TUNNEL, SELECTOR, "192.0.2.1");
    state.serviceGone("shop/web");
    assertThat(needs("web-1").services()).isEmpty();
    state.pod(read(pod("web-1", "", "", "").replace("Running", "Succeeded")));
    assertThat(state.needs()).isEmpty();
    state.pods(List.of());
    assertThat(state.needs()).isEmpty();
  }

  @Test
  void aPodsGateAndConditionAreRead() {
    LocalPod pod =
        read(
            pod(
                "web-1",
                "",
                ", \"hostNetwork\": true, \"readinessGates\": [{\"conditionType\": \"other\"},"
                    + " {\"conditionType\": \"freeway.dev/backend-prepared\"}]",
                ", \"conditions\": [{\"type\": \"Ready\", \"status\": \"False\"}, {\"type\":"
                    + " \"freeway.dev/backend-prepared\", \"status\": \"True\", \"message\":"
                    + " \"yes\"}]"));
    assertThat(pod.gated()).isTrue();
    assertThat(pod.hostNetwork()).isTrue();
    assertThat(pod.condition()).isEqualTo("True");
    assertThat(pod.message()).isEqualTo("yes");
    assertThat(read(pod("web-2", "", "", "")).gated()).isFalse();
  }
}
