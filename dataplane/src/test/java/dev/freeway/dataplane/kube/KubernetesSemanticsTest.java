package dev.freeway.dataplane.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthRules;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Services as users of Kubernetes know them, a test for each field and custom. */
class KubernetesSemanticsTest {
  private static final String VIP = "10.9.0.8";

  private final ClusterFixture kube = new ClusterFixture("10.9.0.8-10.9.0.15", "fd00:9::/125");

  private static String endpoint(String address, String more) {
    return "{\"addresses\": [\"" + address + "\"], " + more + "}";
  }

  private static String conditions(boolean ready, boolean serving, boolean terminating) {
    return "\"conditions\": {\"ready\": %b, \"serving\": %b, \"terminating\": %b}"
        .formatted(ready, serving, terminating);
  }

  private static String zone(String name) {
    return "\"hints\": {\"forZones\": [{\"name\": \"" + name + "\"}]}";
  }

  @Test
  void aReadyEndpointTakesTrafficAndOneThatIsNotDoesNot() {
    kube.told(
        kube.service("web", "", "", VIP),
        kube.slice(
            "web-1",
            "web",
            "10.1.0.1",
            endpoint("10.1.0.2", conditions(false, false, false)),
            endpoint("10.1.0.3", "\"conditions\": {}"),
            endpoint("10.1.0.4", "\"conditions\": {\"ready\": true}")));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80 10.1.0.3:80 10.1.0.4:80");
  }

  private boolean awaited() {
    return kube.table.values().iterator().next().awaited();
  }

  @Test
  void aServiceAwaitsEndpointsThatAreNotReadyAndNobodyWhenItIsScaledToNothing() {
    String starting = endpoint("10.1.0.2", conditions(false, false, false));
    String leaving = endpoint("10.1.0.1", conditions(false, false, true));
    kube.told(kube.service("web", "", "", VIP), kube.slice("web-1", "web", "10.1.0.1"));
    assertThat(awaited()).isFalse();
    kube.told(kube.slice("web-1", "web", "10.1.0.1", starting));
    assertThat(awaited()).as("one serves").isFalse();
    kube.told(kube.slice("web-1", "web", leaving, starting));
    assertThat(awaited()).isTrue();
    kube.told(kube.slice("web-1", "web", starting));
    assertThat(awaited()).isTrue();
    kube.told(kube.slice("web-1", "web", "10.1.0.2"));
    assertThat(awaited()).isFalse();
    kube.told(kube.slice("web-1", "web", leaving));
    assertThat(awaited()).as("it leaves on purpose").isFalse();
    kube.told(kube.slice("web-1", "web", starting));
    assertThat(awaited()).as("nothing else changed for the table").isTrue();
    kube.told(kube.slice("web-1", "web"));
    assertThat(awaited()).isFalse();
  }

  @Test
  void aServiceAwaitsThoseOfAPortThatItsSliceDoesNotName() {
    kube.told(
        kube.service("web", "", "", VIP),
        kube.slice(
            "web-1",
            "web",
            "\"ports\": [{\"name\": \"other\", \"port\": 80}]",
            List.of("10.1.0.1")));
    assertThat(awaited()).isTrue();
  }

  @Test
  void anEditOfWhatIsAskedForHealthAloneIsFollowed() {
    String check = ", \"annotations\": {\"freeway.dev/health-check\": \"tcp,interval=%s\"}";
    kube.told(kube.service("web", check.formatted("1s"), "", VIP));
    kube.told(kube.slice("web-1", "web", "10.1.0.1"));
    kube.told(kube.service("web", check.formatted("2s"), "", VIP));
    assertThat(kube.table.values().iterator().next().health().check())
        .extracting(HealthCheck::interval)
        .isEqualTo(Duration.ofSeconds(2));
    kube.told(kube.service("web", "", "", VIP));
    assertThat(kube.table.values().iterator().next().health()).isEqualTo(HealthRules.NONE);
  }

  @Test
  void terminatingEndpointsSayWhetherTheyStillServe() {
    kube.told(
        kube.service("web", "", "", VIP),
        kube.slice(
            "web-1",
            "web",
            "10.1.0.1",
            endpoint("10.1.0.2", conditions(false, true, true)),
            endpoint("10.1.0.3", conditions(false, false, true))));
    assertThat(kube.words())
        .containsExactly(
            "10.9.0.8:80 -> 10.1.0.1:80 10.1.0.2:80(SERVING_TERMINATING) 10.1.0.3:80(TERMINATING)");
  }

  @Test
  void publishNotReadyAddresses() {
    kube.told(
        kube.service("web", "", ", \"publishNotReadyAddresses\": true", VIP),
        kube.slice("web-1", "web", endpoint("10.1.0.2", conditions(false, false, false))));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.2:80");
  }

  @Test
  void externalTrafficPolicyLocalIsNotTheRoutersOwnNode() {
    kube.told(
        ClusterFixture.node("node-1", "a", "True"),
        ClusterFixture.node("node-2", "b", "True"),
        kube.service("web", "", ", \"externalTrafficPolicy\": \"Local\"", VIP),
        kube.slice("web-1", "web", endpoint("10.1.0.1", "\"nodeName\": \"node-2\"")));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80");
    assertThat(kube.standing("web").notes())
        .anyMatch(note -> note.contains("externalTrafficPolicy Local does not keep the client's"));
  }

  @Test
  void sessionAffinity() {
    kube.told(
        kube.service(
            "web",
            "",
            ", \"sessionAffinity\": \"ClientIP\", \"sessionAffinityConfig\": {\"clientIP\":"
                + " {\"timeoutSeconds\": 600}}",
            VIP));
    assertThat(kube.table.values())
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.service().persistenceSeconds()).isEqualTo(600);
              assertThat(one.service().scheduler()).hasToString("mh,mh-fallback");
            });
  }

  private List<String> sourceRanges() {
    return kube.table.values().stream()
        .flatMap(one -> one.sourceRanges().prefixes().stream())
        .map(Object::toString)
        .toList();
  }

  @Test
  void loadBalancerSourceRanges() {
    kube.told(
        kube.service(
            "web",
            "",
            ", \"loadBalancerSourceRanges\": [\"192.0.2.0/24\", \"2001:db8::/48\"]",
            VIP),
        kube.slice("web-1", "web", "10.1.0.1"));
    assertThat(sourceRanges()).containsExactly("192.0.2.0/24", "2001:db8::/48");
    kube.told(
        kube.service("web", "", ", \"loadBalancerSourceRanges\": [\"198.51.100.0/24\"]", VIP));
    assertThat(sourceRanges()).containsExactly("198.51.100.0/24");
    kube.told(kube.service("web", "", ", \"loadBalancerSourceRanges\": [\"everyone\"]", VIP));
    assertThat(sourceRanges()).as("what is refused stays as it was").hasSize(1);
    assertThat(kube.standing("web").errors())
        .anyMatch(error -> error.field().equals("spec.loadBalancerSourceRanges"));
    kube.told(kube.service("web", "", "", VIP));
    assertThat(sourceRanges()).isEmpty();
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80");
  }

  @Test
  void dualStackHasAnAddressOfEachFamily() {
    String both =
        ", \"ipFamilies\": [\"IPv6\", \"IPv4\"], \"ipFamilyPolicy\": \"RequireDualStack\"";
    kube.told(kube.service("web", "", both));
    assertThat(kube.addresses("web")).isEqualTo("fd00:9::,10.9.0.8");
    assertThat(kube.table).as("nothing is served before the status says it").isEmpty();
    kube.told(
        kube.service("web", "", both, "fd00:9::", "10.9.0.8"),
        kube.slice("web-4", "web", "10.1.0.1"),
        kube.slice("web-6", "web", "fd00:1::1"));
    assertThat(kube.words())
        .containsExactly("10.9.0.8:80 -> 10.1.0.1:80", "[fd00:9::]:80 -> [fd00:1::1]:80");
  }

  @Test
  void aFamilyThatIsNoLongerWantedGivesItsAddressBack() {
    String both = ", \"ipFamilies\": [\"IPv4\", \"IPv6\"]";
    kube.told(kube.service("web", "", both, "10.9.0.8", "fd00:9::"));
    assertThat(kube.table).hasSize(2);
    kube.told(kube.service("web", "", ", \"ipFamilies\": [\"IPv4\"]", "10.9.0.8", "fd00:9::"));
    assertThat(kube.addresses("web")).isEqualTo("10.9.0.8");
    assertThat(kube.standing("web").recordedWell()).isFalse();
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> ");
  }

  @Test
  void severalPortsAndNamedTargetPorts() {
    kube.told(
        kube.service(
            "web",
            "",
            """
            , "ports": [{"name": "http", "port": 80, "targetPort": "web"},
                        {"name": "dns", "port": 53, "protocol": "UDP", "targetPort": 5353}]""",
            VIP),
        kube.slice(
            "web-1",
            "web",
            """
            "ports": [{"name": "http", "port": 8080}, {"name": "dns", "port": 5353, "protocol": "UDP"}]""",
            List.of("10.1.0.1")),
        kube.slice( // pods of another version call another number by the same name
            "web-2",
            "web",
            """
            "ports": [{"name": "http", "port": 9090}, {"name": "dns", "port": 5353, "protocol": "UDP"}]""",
            List.of("10.1.0.2")));
    assertThat(kube.words())
        .containsExactlyInAnyOrder(
            "10.9.0.8:80 -> 10.1.0.1:8080 10.1.0.2:9090",
            "10.9.0.8:53 -> 10.1.0.1:5353 10.1.0.2:5353");
  }

  @Test
  void handMadeSlicesOfAServiceWithoutSelector() {
    kube.told(
        kube.slice("by-hand", "web", "192.0.2.7"), // before the Service, as people do
        kube.service("web", "", "", VIP));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 192.0.2.7:80");
  }

  @Test
  void anEndpointThatTheControllerMovesToAnotherSliceStays() {
    kube.told(kube.service("web", "", "", VIP), kube.slice("web-1", "web", "10.1.0.1", "10.1.0.2"));
    kube.told(kube.slice("web-2", "web", "10.1.0.2")); // first there too
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80 10.1.0.2:80");
    kube.told(kube.slice("web-1", "web", "10.1.0.1")); // then no longer here
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80 10.1.0.2:80");
    kube.sliceGone("web-1");
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.2:80");
  }

  @Test
  void ofAnEndpointInTwoSlicesTheReadierCounts() {
    kube.told(
        kube.service("web", "", "", VIP),
        kube.slice("web-1", "web", endpoint("10.1.0.1", conditions(false, false, true))),
        kube.slice("web-2", "web", "10.1.0.1"));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80");
  }

  @Test
  void aSliceThatIsRelabelledMovesWhole() {
    kube.told(
        kube.service("web", "", "", VIP),
        kube.service("api", "", "", "10.9.0.9"),
        kube.slice("one", "web", "10.1.0.1"));
    kube.told(kube.slice("one", "api", "10.1.0.1"));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> ", "10.9.0.9:80 -> 10.1.0.1:80");
  }

  @Test
  void trafficDistributionPrefersTheRoutersZone() {
    kube.told(
        ClusterFixture.node("node-1", "a", "True"),
        kube.service("web", "", ", \"trafficDistribution\": \"PreferClose\"", VIP),
        kube.slice(
            "web-1", "web", endpoint("10.1.0.1", zone("a")), endpoint("10.1.0.2", zone("b"))));
    assertThat(kube.words())
        .as("the other zone's drains, its connections stay")
        .containsExactly("10.9.0.8:80 -> 10.1.0.1:80 10.1.0.2:80(ELSEWHERE)");
  }

  @Test
  void withTooFewInTheZoneAllAreUsed() {
    kube.told(
        ClusterFixture.node("node-1", "a", "True"),
        kube.service("web", "", "", VIP),
        kube.slice(
            "web-1",
            "web",
            endpoint("10.1.0.1", zone("a") + ", " + conditions(false, true, true)),
            endpoint("10.1.0.2", zone("b"))));
    assertThat(kube.words())
        .containsExactly("10.9.0.8:80 -> 10.1.0.1:80(SERVING_TERMINATING) 10.1.0.2:80");
  }

  @Test
  void oneReadyEndpointWithoutHintsTurnsThemOff() {
    kube.told(
        ClusterFixture.node("node-1", "a", "True"),
        kube.service("web", "", "", VIP),
        kube.slice("web-1", "web", endpoint("10.1.0.1", zone("a")), "10.1.0.2"));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80 10.1.0.2:80");
  }

  @Test
  void hintsForNodesGoBeforeThoseForZones() {
    String here = "\"hints\": {\"forNodes\": [{\"name\": \"node-1\"}]}";
    String there = "\"hints\": {\"forNodes\": [{\"name\": \"node-2\"}]}";
    kube.told(
        ClusterFixture.node("node-1", "a", "True"),
        kube.service("web", "", "", VIP),
        kube.slice("web-1", "web", endpoint("10.1.0.1", here), endpoint("10.1.0.2", there)));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80 10.1.0.2:80(ELSEWHERE)");
  }

  @Test
  void anEndpointOfADeadNodeIsGone() {
    kube.told(
        ClusterFixture.node("node-1", "a", "True"),
        ClusterFixture.node("node-2", "a", "True"),
        kube.service("web", "", "", VIP),
        kube.slice(
            "web-1",
            "web",
            endpoint("10.1.0.1", "\"nodeName\": \"node-1\""),
            endpoint("10.1.0.2", "\"nodeName\": \"node-2\"")));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80 10.1.0.2:80");
    kube.told(ClusterFixture.node("node-2", "a", "Unknown"));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80");
    kube.told(ClusterFixture.node("node-2", "a", "False")); // it is heard, and not well
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80 10.1.0.2:80");
    kube.cluster.nodeGone("node-2");
    kube.take(kube.cluster.events(1));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80");
  }

  @Test
  void whenAllNodesSeemDeadItIsTheClusterThatIsNotHeard() {
    kube.told(
        ClusterFixture.node("node-2", "a", "True"),
        kube.service("web", "", "", VIP),
        kube.slice("web-1", "web", endpoint("10.1.0.2", "\"nodeName\": \"node-2\"")));
    kube.told(ClusterFixture.node("node-2", "a", "Unknown"));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.2:80");
  }

  @Test
  void aServiceOfAnotherClassIsLeftAlone() {
    kube.told(
        kube.service("web", "", "", VIP).replace("freeway.dev/ipvs", "example.com/other"),
        kube.slice("web-1", "web", "10.1.0.1"));
    assertThat(kube.table).isEmpty();
    assertThat(kube.cluster.standing("shop/web")).isEmpty();
  }

  /** Its clients find the Pods by DNS; the API server takes no load balancer without an address. */
  @Test
  void aHeadlessServiceIsLeftAlone() {
    kube.told(
        kube.service("web", "", ", \"clusterIP\": \"None\"")
            .replace("\"LoadBalancer\"", "\"ClusterIP\""),
        kube.slice("web-1", "web", "10.1.0.1"));
    assertThat(kube.table).isEmpty();
    assertThat(kube.cluster.standing("shop/web")).isEmpty();
  }

  @Test
  void aServiceThatBecomesOursFindsItsEndpointsAtOnce() {
    kube.told(
        kube.service("web", "", "", VIP).replace("freeway.dev/ipvs", "example.com/other"),
        kube.slice("web-1", "web", "10.1.0.1"));
    kube.told(kube.service("web", "", "", VIP));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80");
    kube.told(kube.service("web", "", "", VIP).replace("\"LoadBalancer\"", "\"ClusterIP\""));
    assertThat(kube.table).isEmpty();
  }

  @Test
  void aDeletedServiceIsGoneAndItsAddressFree() {
    kube.told(kube.service("web", "", "", VIP), kube.slice("web-1", "web", "10.1.0.1"));
    kube.serviceGone("web");
    assertThat(kube.table).isEmpty();
    kube.told(kube.service("api", "", ""));
    assertThat(kube.addresses("api")).isEqualTo(VIP);
  }

  @Test
  void aServiceThatIsBeingDeletedIsNoLongerServed() {
    kube.told(kube.service("web", "", "", VIP));
    kube.told(kube.service("web", ", \"deletionTimestamp\": \"2026-11-26T12:01:00Z\"", "", VIP));
    assertThat(kube.table).isEmpty();
  }

  @Test
  void anAddressAskedForByLoadBalancerIp() {
    kube.told(kube.service("web", "", ", \"loadBalancerIP\": \"10.9.0.12\""));
    assertThat(kube.addresses("web")).isEqualTo("10.9.0.12");
  }

  @Test
  void anAddressAskedForByAnnotation() {
    String asking = ", \"annotations\": {\"freeway.dev/addresses\": \"10.9.0.13,fd00:9::5\"}";
    kube.told(kube.service("web", asking, "", VIP));
    assertThat(kube.addresses("web")).isEqualTo("10.9.0.13,fd00:9::5");
    assertThat(kube.table).as("not before the status says so").isEmpty();
    kube.told(kube.service("web", asking, "", "10.9.0.13", "fd00:9::5"));
    assertThat(kube.table).hasSize(2);
  }

  @Test
  void anAddressOutsideOfThePoolIsRefusedByName() {
    kube.told(kube.service("web", "", ", \"loadBalancerIP\": \"192.0.2.1\""));
    assertThat(kube.errors("web"))
        .containsExactly(
            "freeway.dev/addresses: 192.0.2.1; expected an address of the pool: 10.9.0.8/29,"
                + " fd00:9::/125");
  }

  @Test
  void aPoolThatIsExhaustedSaysSo() {
    ClusterFixture small = new ClusterFixture("10.9.0.8");
    small.told(small.service("web", "", "", "10.9.0.8"), small.service("api", "", ""));
    assertThat(small.errors("api"))
        .containsExactly(
            "spec.ipFamilies: IPv4; expected a free IPv4 address: the pool is exhausted:"
                + " 10.9.0.8/32");
    assertThat(small.addresses("web")).isEqualTo("10.9.0.8");
    small.serviceGone("web");
    assertThat(small.addresses("api")).isEqualTo("10.9.0.8");
    assertThat(small.errors("api")).isEmpty();
  }

  @Test
  void aServiceThatIsRefusedKeepsWhatItHad() {
    kube.told(kube.service("web", "", "", VIP), kube.slice("web-1", "web", "10.1.0.1"));
    kube.told(
        kube.service("web", ", \"annotations\": {\"freeway.dev/forwarding\": \"fast\"}", "", VIP));
    kube.told(kube.slice("web-1", "web", "10.1.0.2"));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.1:80");
    assertThat(kube.errors("web")).singleElement().asString().contains("freeway.dev/forwarding");
    kube.told(kube.service("web", "", "", VIP));
    assertThat(kube.words()).containsExactly("10.9.0.8:80 -> 10.1.0.2:80");
  }

  @Test
  void directServerReturnCannotChangePorts() {
    String direct = ", \"annotations\": {\"freeway.dev/forwarding\": \"direct\"}";
    kube.told(
        kube.service("web", direct, ", \"ports\": [{\"port\": 80, \"targetPort\": \"http\"}]", VIP),
        kube.slice(
            "web-1",
            "web",
            "\"ports\": [{\"port\": 8080}]",
            List.of(
                endpoint("10.1.0.1", "\"targetRef\": {\"kind\": \"Pod\", \"name\": \"web-7\"}"))));
    assertThat(kube.errors("web"))
        .containsExactly(
            "EndpointSlice shop/web-1, ports[0].port: 8080; expected 80, the port of the Service:"
                + " pod web-7 listens on 8080, and direct server return cannot change ports; use"
                + " freeway.dev/forwarding: nat");
  }

  @Test
  void twoThatShareAnAddressByNameMayNotShareAPort() {
    String asking = ", \"annotations\": {\"freeway.dev/addresses\": \"10.9.0.8\"}";
    kube.told(
        kube.service("web", asking, "", VIP),
        kube.service("dns", asking, ", \"ports\": [{\"port\": 53}]", VIP),
        kube.service("late", asking, "", VIP));
    assertThat(kube.words()).containsExactly("10.9.0.8:53 -> ", "10.9.0.8:80 -> ");
    assertThat(kube.errors("late")).singleElement().asString().contains("held by shop/web");
    kube.serviceGone("web");
    kube.told(kube.slice("late-1", "late", "10.1.0.1"));
    assertThat(kube.words()).containsExactly("10.9.0.8:53 -> ", "10.9.0.8:80 -> 10.1.0.1:80");
    assertThat(kube.errors("late")).isEmpty();
  }
}
