package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Rendezvous;
import dev.freeway.dataplane.doctor.KernelRelease;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.kube.api.FakeApiServer;
import dev.freeway.dataplane.link.FakeMachine;
import dev.freeway.dataplane.sync.StateDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two routers of a cluster on one layer-2 network, as a whole: which of them answers for an address
 * while nodes are cordoned, Leases go, the API server goes, and routers start again.
 */
@Timeout(180)
final class ClusterAnnounceTest {
  private static final int SERVICES = 8;
  private static final List<String> NODES = List.of("node-1", "node-2");

  /** As the pool has them. */
  private static final List<String> ADDRESSES =
      IntStream.range(96, 96 + SERVICES).mapToObj(i -> "10.1.0." + i).toList();

  @TempDir Path directory;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Map<String, FakeMachine> machines = new TreeMap<>();
  private final Map<String, KernelModel> kernels = new TreeMap<>();
  private final Map<String, Router> routers = new TreeMap<>();
  private FakeApiServer api;

  @BeforeEach
  void serve() throws IOException {
    api = new FakeApiServer();
    Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
    for (String node : NODES) {
      node(node, false);
      machines.put(node, new FakeMachine("02:00:0a:01:00:0" + node.charAt(5)));
      kernels.put(node, new KernelModel(1));
    }
    for (int i = 0; i < SERVICES; i++) {
      service("web-" + i, "");
    }
  }

  @AfterEach
  void end() throws IOException {
    routers.values().forEach(Router::close);
    api.close();
  }

  private void node(String name, boolean cordoned) {
    api.put(
        """
        {"kind": "Node", "metadata": {"name": "%1$s", "uid": "uid-%1$s"},
         "spec": {"unschedulable": %2$b},
         "status": {}}"""
            .formatted(name, cordoned));
  }

  private void service(String name, String address) {
    service(name, address, "mh");
  }

  private void service(String name, String address, String scheduler) {
    api.put(
        """
        {"kind": "Service",
         "metadata": {"namespace": "shop", "name": "%s", "uid": "uid-%s",
                      "annotations": {"freeway.dev/scheduler": "%s"%s}},
         "spec": {"type": "LoadBalancer", "loadBalancerClass": "freeway.dev/ipvs",
                  "ipFamilies": ["IPv4"], "ports": [{"port": 80}]},
         "status": {}}"""
            .formatted(
                name,
                name,
                scheduler,
                address.isEmpty() ? "" : ", \"freeway.dev/addresses\": \"" + address + "\""));
    api.put(
        """
        {"kind": "EndpointSlice",
         "metadata": {"namespace": "shop", "name": "%1$s-1",
                      "labels": {"kubernetes.io/service-name": "%1$s"}},
         "addressType": "IPv4", "ports": [{"port": 80}],
         "endpoints": [{"addresses": ["10.1.0.11"]}]}"""
            .formatted(name));
  }

  private void start(String node) {
    start(node, "l2");
  }

  private void start(String node, String announce) {
    String[] args = {
      "run",
      "--announce",
      announce,
      "--kubeconfig",
      directory.resolve("kubeconfig").toString(),
      "--node",
      node,
      "--addresses",
      "10.1.0.96/27,10.9.0.0/30",
      "--state-dir",
      directory.resolve("state-" + node).toString(),
      "--audit-interval",
      "100ms",
      "--listen",
      "127.0.0.1:0"
    };
    RouterConfig config = ((Arguments.Request.Run) Arguments.parse("test", args)).config();
    Console console = RouterFixture.logsTo(log);
    console.configure(config.logLevel(), config.logJson());
    routers.put(
        node,
        Router.start(
            console,
            config,
            () -> Ipvs.open(of(kernels, node).open()),
            () ->
                of(machines, node)
                    .host(
                        StateDirectory.open(config.stateDirectory()),
                        RouterFixture.NAMESPACE,
                        false),
            KernelRelease.parse("6.1.0"),
            RouterFixture.NAMESPACE,
            false));
  }

  private static <T> T of(Map<String, T> all, String node) {
    return Objects.requireNonNull(all.get(node));
  }

  private void stop(String node) {
    of(routers, node).close();
    routers.remove(node);
  }

  private String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  private List<String> answers(String node) {
    return of(machines, node).answers();
  }

  /** Every address is answered for by exactly one, and both have some. */
  private boolean shared() {
    List<String> all = new ArrayList<>();
    NODES.forEach(node -> all.addAll(answers(node)));
    all.sort(null);
    return all.equals(ADDRESSES.stream().sorted().toList())
        && NODES.stream().noneMatch(node -> answers(node).isEmpty());
  }

  private boolean allOn(String node) {
    return answers(node).equals(ADDRESSES.stream().sorted().toList())
        && NODES.stream().allMatch(other -> other.equals(node) || answers(other).isEmpty());
  }

  private void until(String what, java.util.function.BooleanSupplier condition) {
    Await.until(
        () ->
            what
                + ": node-1 answers for "
                + answers("node-1")
                + ", node-2 for "
                + answers("node-2")
                + "\n"
                + logged(),
        condition);
  }

  private void startBoth() {
    NODES.forEach(this::start);
    until("both share the addresses", this::shared);
  }

  @Test
  void eachAddressHasOneRouterAndACordonedNodeHandsOverAtOnce() throws Exception {
    startBoth();
    List<String> before = answers("node-1");
    node("node-1", true);
    until("node-1 is cordoned", () -> allOn("node-2"));
    assertThat(logged())
        .contains("\"message\":\"add announcement " + before.getFirst() + "/32\"")
        .contains("node-2 is elected of node-1, node-2");
    node("node-2", true);
    until("nobody else is left", this::shared);
    node("node-1", false);
    until("node-2 is cordoned", () -> allOn("node-1"));
    node("node-2", false);
    until("as at first", () -> shared() && answers("node-1").equals(before));
    until(
        "Events say who answers",
        () -> {
          String events =
              api.requests().stream()
                  .filter(request -> request.resource().equals("events"))
                  .map(FakeApiServer.Request::body)
                  .toList()
                  .toString();
          return ADDRESSES.stream()
              .allMatch(
                  address ->
                      events.contains(address + " announced by node-1")
                          || events.contains(address + " announced by node-2"));
        });
    assertThat(page("node-1", "/metrics"))
        .contains("ipvs_router_addresses{state=\"announced\"} " + (double) before.size())
        .contains("ipvs_router_addresses{state=\"silent\"} " + (double) (SERVICES - before.size()));
    assertThat(page("node-1", "/state"))
        .contains(
            "{\"address\":\""
                + before.getFirst()
                + "\",\"link\":\"eth0\",\"here\":true,\"router\":\"node-1\"}");
  }

  private String page(String node, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + of(routers, node).address().getPort() + path);
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void aLeaseThatIsDeletedIsAHandOver() {
    startBoth();
    stop("node-1");
    assertThat(answers("node-1")).as("the kernel answers on after an end").isNotEmpty();
    api.delete("leases", "freeway", "ipvs-router-node-1");
    until(
        "node-2 takes over", () -> answers("node-2").equals(ADDRESSES.stream().sorted().toList()));
    start("node-1");
    until("node-1 is back", this::shared);
  }

  @Test
  void whileTheApiServerIsGoneWhoAnswersStaysAlsoThroughRestartsAndAReboot() throws IOException {
    startBoth();
    Await.until(
        this::logged,
        () -> NODES.stream().allMatch(node -> kept(node).contains("router node-2 staying")));
    List<String> before = answers("node-1");
    List<String> others = answers("node-2");
    api.refuse();
    stop("node-1");
    start("node-1");
    until("the restarted one serves", () -> logged().contains("serving what was last known"));
    until(
        "it holds on to what it has",
        () ->
            of(machines, "node-1")
                .log
                .contains("renew address " + before.getFirst() + " for ever"));
    assertThat(answers("node-1")).isEqualTo(before);

    stop("node-1");
    machines.put("node-1", new FakeMachine("02:00:0a:01:00:01")); // a reboot
    kernels.put("node-1", new KernelModel(1));
    start("node-1");
    until("nobody else answers for its own", () -> answers("node-1").equals(before));
    assertThat(answers("node-2")).isEqualTo(others);
    api.reopen();
    until("the API server is back", () -> logged().contains("no longer frozen"));
    until("as before", () -> answers("node-1").equals(before) && answers("node-2").equals(others));
  }

  private String kept(String node) {
    try (var files = Files.list(directory.resolve("state-" + node))) {
      for (Path file :
          files.filter(one -> one.getFileName().toString().startsWith("desired-")).toList()) {
        return Files.readString(file);
      }
    } catch (IOException _) {
      // not yet
    }
    return "";
  }

  @Test
  void anAddressOfNoSubnetIsNamedOnItsService() {
    service("web-far", "10.9.0.1");
    startBoth();
    until(
        "an Event says so",
        () ->
            api.requests().stream()
                .anyMatch(
                    request ->
                        request.resource().equals("events")
                            && request.body().contains("\"reason\":\"NotAnnounced\"")
                            && request.body().contains("10.9.0.1")));
    assertThat(logged()).contains("10.9.0.1 (tcp 10.9.0.1:80)");
  }

  @Test
  void whatOneRouterCannotServeAnotherAnswersFor() {
    startBoth();
    IpAddress address = IpAddress.parse("10.1.0.120");
    while (!Rendezvous.of(address.toString(), new TreeSet<>(NODES)).equals(Optional.of("node-1"))) {
      address = address.next();
    }
    String text = address.toString();
    of(kernels, "node-1").setMissingSchedulers(Set.of("wlc"));
    service("web-another", text, "wlc");
    until("node-2 has it", () -> answers("node-2").contains(text));
    assertThat(lease("node-1")).contains(" -" + text);
    of(kernels, "node-1").setMissingSchedulers(Set.of());
    until(
        "node-1 has it",
        () -> answers("node-1").contains(text) && !answers("node-2").contains(text));
    assertThat(lease("node-1")).doesNotContain(" -");
  }

  /** So that a cluster whose nodes come and go does not wait for those that went. */
  @Test
  void aLeaseGoesWithItsNode() {
    startBoth();
    for (String node : NODES) {
      until(
          "the Lease names its Node",
          () ->
              lease(node)
                  .contains(
                      "\"kind\":\"Node\",\"name\":\"%1$s\",\"uid\":\"uid-%1$s\"".formatted(node)));
    }
  }

  @Test
  void aRouterThatIsStartedWithoutTheOptionIsNoCandidateAnyMore() {
    startBoth();
    assertThat(lease("node-1"))
        .contains("\"freeway.dev/segments\":\"10.1.0.0/24@02:00:0a:01:00:01 2001:db8:1::/64@");
    stop("node-1");
    start("node-1", "none");
    until("node-2 answers", () -> allOn("node-2"));
    assertThat(lease("node-1")).doesNotContain("freeway.dev/segments");
    assertThat(of(machines, "node-1").sysctls).containsEntry("net/ipv4/conf/eth0/arp_ignore", "0");
  }

  private String lease(String node) {
    return api.get("leases", "freeway", "ipvs-router-" + node).orElseThrow().toString();
  }
}
