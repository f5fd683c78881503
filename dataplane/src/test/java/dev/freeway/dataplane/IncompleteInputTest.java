package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A file that cannot be read may name anything: what the kernel holds and the rest of the input
 * does not name is no reason to remove it.
 */
class IncompleteInputTest {
  private static final String WEB = RouterFixture.service("web", "10.0.0.1", "", "10.1.0.11");

  @TempDir private Path directory;
  private RouterFixture router;

  /** A second EndpointSlice of the Service, for a file of its own. */
  private static String slice(String endpoint) {
    return WEB.substring(WEB.indexOf("---\n") + 4)
        .replace("name: web-1", "name: web-2")
        .replace("10.1.0.11", endpoint);
  }

  @BeforeEach
  void twoSlicesInTwoFiles() {
    router = new RouterFixture(directory);
    router.write("web.yaml", WEB);
    router.write("more.yaml", slice("10.1.0.12"));
    assertThat(router.on("apply")).isZero();
    assertThat(destinations()).containsExactlyInAnyOrder("10.1.0.11", "10.1.0.12");
  }

  private List<String> destinations() {
    return router
        .services()
        .get(0)
        .get("destinations")
        .valueStream()
        .map(destination -> destination.get("address").asString())
        .toList();
  }

  private List<String> planned(String... options) {
    List<String> json = new ArrayList<>(List.of("-o", "json"));
    json.addAll(List.of(options));
    router.on("plan", json.toArray(String[]::new));
    return router.document().get("changes").valueStream().map(IncompleteInputTest::words).toList();
  }

  private static String words(JsonNode change) {
    return change.get("action").asString() + " " + change.get("destination").asString();
  }

  @Test
  void aBrokenFileTakesNoDestinationAway() {
    router.write("more.yaml", "kind: [");
    assertThat(planned()).isEmpty();
    assertThat(router.on("plan")).isEqualTo(3);
    assertThat(router.out).contains("nothing to change").contains("so nothing is deleted");
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(destinations()).containsExactlyInAnyOrder("10.1.0.11", "10.1.0.12");
  }

  @Test
  void whatIsReadableIsProgrammedBesideIt() {
    router.write("more.yaml", "kind: [");
    router.write("web.yaml", WEB.replace("10.1.0.11]", "10.1.0.13]"));
    assertThat(planned()).containsExactly("add 10.1.0.13:80");
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(destinations()).containsExactlyInAnyOrder("10.1.0.11", "10.1.0.12", "10.1.0.13");
  }

  @Test
  void aTerminatingEndpointThatIsNamedDrainsAllTheSame() {
    router.write("more.yaml", "kind: [");
    router.write(
        "web.yaml",
        WEB.replace(
            "[10.1.0.11]}",
            "[10.1.0.11], conditions: {ready: false, serving: true, terminating: true}},"
                + " {addresses: [10.1.0.13]}"));
    assertThat(planned()).containsExactlyInAnyOrder("set 10.1.0.11:80", "add 10.1.0.13:80");
    assertThat(planned("--drain-limit", "0s"))
        .containsExactlyInAnyOrder("delete 10.1.0.11:80", "add 10.1.0.13:80");
  }

  @Test
  void onceItIsMendedWhatIsNotNamedGoes() {
    router.write("more.yaml", "kind: [");
    router.on("apply");
    router.write("more.yaml", slice("10.1.0.14"));
    assertThat(planned()).containsExactly("add 10.1.0.14:80", "delete 10.1.0.12:80");
    assertThat(router.on("apply")).isZero();
    assertThat(destinations()).containsExactlyInAnyOrder("10.1.0.11", "10.1.0.14");
  }

  /** Whose Service is known is refused by name; then the others' destinations are all known. */
  @Test
  void aRefusedServiceKeepsItsOwnDestinationsAndNoOthers() {
    router.write("api.yaml", RouterFixture.service("api", "10.0.0.2", "", "10.1.0.21"));
    assertThat(router.on("apply")).isZero();
    router.write("more.yaml", slice("nowhere"));
    router.write("api.yaml", RouterFixture.service("api", "10.0.0.2", "", "10.1.0.22"));
    assertThat(planned()).containsExactly("add 10.1.0.22:80", "delete 10.1.0.21:80");
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(destinations()).containsExactlyInAnyOrder("10.1.0.11", "10.1.0.12");
  }

  /** A typing error in its label: whose it is nobody knows, but not that its endpoints are gone. */
  @Test
  void aSliceThatNamesNoServiceTakesNoDestinationAway() {
    router.write("api.yaml", RouterFixture.service("api", "10.0.0.2", "", "10.1.0.21"));
    router.remove("more.yaml");
    String heavy = WEB.replace("labels:", "annotations: {freeway.dev/weight: \"5\"}, labels:");
    router.write("web.yaml", heavy);
    assertThat(router.on("apply")).isZero();
    router.write("web.yaml", heavy.replace("service-name: web", "service-name: wbe"));
    assertThat(planned()).isEmpty();
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err)
        .contains("\"wbe\"", "what has no slice keeps its destinations: shop/web\n");
    router.write("web.yaml", heavy.replace("{kubernetes.io/service-name: web}", "{}"));
    assertThat(planned()).isEmpty();
    router.write("api.yaml", RouterFixture.service("api", "10.0.0.2", "", "10.1.0.22"));
    assertThat(planned()).containsExactly("add 10.1.0.22:80", "delete 10.1.0.21:80");
    router.write("web.yaml", heavy.replace("10.1.0.11", "10.1.0.13"));
    assertThat(planned()).contains("add 10.1.0.13:80", "delete 10.1.0.11:80");
  }

  /** A typing error too, and one that leaves the label right. */
  @Test
  void aSliceWhoseNamespaceWasForgottenTakesNoDestinationAway() {
    router.write("api.yaml", RouterFixture.service("api", "10.0.0.2", "", "10.1.0.21"));
    router.remove("more.yaml");
    router.on("apply");
    router.write("web.yaml", WEB.replace("{name: web-1, namespace: shop,", "{name: web-1,"));
    assertThat(planned()).isEmpty();
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err)
        .contains(
            "(EndpointSlice default/web-1)",
            "in namespace default, or the namespace of shop/web;",
            "what has no slice keeps its destinations: shop/web\n");
    assertThat(destinations()).containsExactly("10.1.0.11");
    router.write("api.yaml", RouterFixture.service("api", "10.0.0.2", ""));
    assertThat(planned()).as("it has its slice").containsExactly("delete 10.1.0.21:80");
  }

  /** Its backends are not the other's, however its slice is spelt. */
  @Test
  void aServiceThatTakesAnothersPlaceDoesNotKeepTheOthersDestinations() {
    router.remove("more.yaml");
    String api = RouterFixture.service("api", "10.0.0.1", "", "10.1.0.21");
    router.write("web.yaml", api.replace("service-name: api", "service-name: aip"));
    assertThat(planned()).containsExactly("delete 10.1.0.11:80", "delete 10.1.0.12:80");
    assertThat(router.on("apply")).isEqualTo(3);
    assertThat(router.err)
        .contains(
            "\"aip\"",
            "the destinations that another Service had there are not kept for shop/api\n")
        .doesNotContain("keeps its destinations");
    assertThat(destinations()).isEmpty();
    router.write("web.yaml", api);
    assertThat(router.on("apply")).isZero();
    assertThat(destinations()).containsExactly("10.1.0.21");
  }

  /** The other's address has no Service in what can be read, which is no reason to serve it so. */
  @Test
  void aServiceThatTakesAnothersPlaceKeepsNothingWhileAFileIsBrokenEither() {
    router.remove("more.yaml");
    router.write("web.yaml", WEB.replace("10.0.0.1", "10.0.0.2").replace("10.1.0.11", "10.1.0.13"));
    router.write("api.yaml", RouterFixture.service("api", "10.0.0.1", "", "10.1.0.21"));
    router.write("more.yaml", "kind: [");
    assertThat(planned())
        .contains("add 10.1.0.21:80", "delete 10.1.0.11:80", "delete 10.1.0.12:80");
  }

  @Test
  void aServiceWithASliceOrOfAnotherNamespaceAndNameDoesNotKeepWhatItIsNoLongerGiven() {
    String yard = RouterFixture.service("api", "10.0.0.2", "", "10.1.0.21").replace("shop", "yard");
    router.write("yard.yaml", yard);
    assertThat(router.on("apply")).isZero();
    router.write("yard.yaml", yard.substring(0, yard.indexOf("---\n")));
    router.write("more.yaml", slice("10.1.0.12").replace("service-name: web", "service-name: wbe"));
    assertThat(planned()).containsExactly("delete 10.1.0.12:80", "delete 10.1.0.21:80");
  }
}
