package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.doctor.KernelRelease;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.kernel.ModelDestination;
import dev.freeway.dataplane.kernel.ModelService;
import dev.freeway.dataplane.kube.api.FakeApiServer;
import dev.freeway.dataplane.sync.Host;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code run} as a whole in a cluster: an API server with faults, a model of the kernel. */
@Timeout(180)
final class ClusterRouterTest {
  @TempDir Path directory;
  private final KernelModel kernel = new KernelModel(1);
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final List<Router> routers = new ArrayList<>();
  private FakeApiServer api;

  @BeforeEach
  void serve() throws IOException {
    api = new FakeApiServer();
    Files.writeString(directory.resolve("kubeconfig"), api.kubeconfig());
  }

  @AfterEach
  void end() throws IOException {
    routers.forEach(Router::close);
    api.close();
  }

  private Router start(String... options) {
    return startOn("node-1", options);
  }

  private Router startOn(String node, String... options) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "run",
                "--kubeconfig",
                directory.resolve("kubeconfig").toString(),
                "--node",
                node,
                "--addresses",
                "10.9.0.0/27",
                "--state-dir",
                directory.resolve("state-" + node).toString(),
                "--audit-interval",
                "100ms",
                "--listen",
                "127.0.0.1:0"));
    args.addAll(List.of(options));
    RouterConfig config =
        ((Arguments.Request.Run) Arguments.parse("test", args.toArray(String[]::new))).config();
    Console console = RouterFixture.logsTo(log);
    console.configure(config.logLevel(), config.logJson());
    Router router =
        Router.start(
            console,
            config,
            () -> Ipvs.open(kernel::open),
            () -> Host.NONE,
            KernelRelease.parse("6.1.0"),
            RouterFixture.NAMESPACE,
            false);
    routers.add(router);
    return router;
  }

  private String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  private void service(String name) {
    api.put(
        """
        {"kind": "Service", "metadata": {"namespace": "shop", "name": "%s"},
         "spec": {"type": "LoadBalancer", "loadBalancerClass": "freeway.dev/ipvs",
                  "ipFamilies": ["IPv4"], "ports": [{"port": 80}]},
         "status": %s}"""
            .formatted(name, api.status("services", "shop", name)));
  }

  private void relayed(int port, int backendPort, String annotation) {
    api.put(
        """
        {"kind": "Service",
         "metadata": {"namespace": "shop", "name": "web", "annotations": {%s}},
         "spec": {"type": "LoadBalancer", "loadBalancerClass": "freeway.dev/ipvs",
                  "ipFamilies": ["IPv4"], "ports": [{"port": %d, "targetPort": %d}]},
         "status": %s}"""
            .formatted(annotation, port, backendPort, api.status("services", "shop", "web")));
  }

  private Router relay() {
    Router router =
        RouterFixture.relay(
            log,
            "--kubeconfig",
            directory.resolve("kubeconfig").toString(),
            "--node",
            "node-1",
            "--addresses",
            "127.0.0.1/32",
            "--state-dir",
            directory.resolve("relay").toString(),
            "--audit-interval",
            "100ms",
            "--listen",
            "127.0.0.1:0");
    routers.add(router);
    return router;
  }

  private static boolean answers(int port) {
    try (Socket client = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      client.setSoTimeout(10_000);
      return client.getInputStream().read() == '!';
    } catch (IOException _) {
      return false;
    }
  }

  /** A kernel's table would show the next process what was served; a relay's ends with it. */
  @Test
  void whatARelayServedIsServedByTheNextThoughItIsRefusedByNow() throws Exception {
    int port = RelayFixture.freePort();
    try (ServerSocket backend = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.2"))) {
      Thread _ =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!backend.isClosed()) {
                      try (Socket one = backend.accept()) {
                        one.getOutputStream().write('!');
                      } catch (IOException _) {
                        // a client that has gone, or the end
                      }
                    }
                  });
      relayed(port, backend.getLocalPort(), "");
      api.put(
          """
          {"kind": "EndpointSlice",
           "metadata": {"namespace": "shop", "name": "web-1",
                        "labels": {"kubernetes.io/service-name": "web"}},
           "addressType": "IPv4", "ports": [{"port": %d}],
           "endpoints": [{"addresses": ["127.0.0.2"]}]}"""
              .formatted(backend.getLocalPort()));
      Router first = relay();
      Await.until(this::logged, () -> answers(port));
      Await.until(
          this::logged,
          () -> {
            try {
              return Files.readString(directory.resolve("relay/desired-0")).contains("endpoint ");
            } catch (IOException _) {
              return false; // not kept yet
            }
          });
      relayed(port, backend.getLocalPort(), "\"freeway.dev/max-rate\": \"many\"");
      Await.until(this::logged, () -> logged().contains("max-rate"));
      assertThat(answers(port)).isTrue();
      first.close();
      assertThat(answers(port)).isFalse();
      relay();
      Await.until(this::logged, () -> answers(port));
    }
  }

  private void slice(String name, String service, List<String> endpoints) {
    api.put(
        """
        {"kind": "EndpointSlice",
         "metadata": {"namespace": "shop", "name": "%s",
                      "labels": {"kubernetes.io/service-name": "%s"}},
         "addressType": "IPv4", "ports": [{"port": 80}], "endpoints": [%s]}"""
            .formatted(name, service, String.join(", ", endpoints)));
  }

  private void ready(String name, String service, int... last) {
    slice(
        name,
        service,
        IntStream.of(last).mapToObj(i -> "{\"addresses\": [\"10.1.0." + i + "\"]}").toList());
  }

  private Optional<String> address(String name) {
    return api.get("services", "shop", name)
        .map(one -> one.at("/status/loadBalancer/ingress/0/ip").asString(""))
        .filter(ip -> !ip.isEmpty());
  }

  /** The destinations that get new connections, or "none" where there is no service. */
  private String taking(String name) {
    return address(name)
        .flatMap(ip -> kernel.service(new ServiceKey(Protocol.TCP, IpAddress.parse(ip), 80)))
        .map(ClusterRouterTest::taking)
        .orElse("none");
  }

  private static String taking(ModelService service) {
    return service.destinations().stream()
        .filter(destination -> destination.weight() > 0)
        .map(ModelDestination::key)
        .sorted()
        .map(key -> key.address().toString().substring("10.1.0.".length()))
        .collect(Collectors.joining(" "));
  }

  private void untilTaking(String name, String expected) {
    Await.until(
        () -> name + " has " + taking(name) + ", not " + expected + "\n" + logged(),
        () -> taking(name).equals(expected));
  }

  @Test
  void aServiceGetsItsAddressAndItsEndpointsTakeTraffic() {
    service("web");
    ready("web-1", "web", 1, 2);
    start();
    untilTaking("web", "1 2");
    assertThat(address("web")).contains("10.9.0.0");
    assertThat(api.get("services", "shop", "web").orElseThrow().toString())
        .contains("\"ipMode\":\"Proxy\"");
    ready("web-1", "web", 1, 3);
    untilTaking("web", "1 3");
    api.delete("services", "shop", "web");
    Await.until(this::logged, () -> kernel.services().isEmpty());
  }

  @Test
  void aStatusIsWrittenOnceAndEventsSayWhatBecameOfIt() {
    service("web");
    ready("web-1", "web", 1);
    start();
    untilTaking("web", "1");
    Await.until(
        this::logged,
        () ->
            api.requests().stream()
                .anyMatch(
                    request ->
                        request.resource().equals("events")
                            && request.body().contains("\"reason\":\"Serving\"")));
    ready("web-1", "web", 1, 2);
    untilTaking("web", "1 2");
    assertThat(
            api.requests().stream().filter(request -> request.resource().equals("services/status")))
        .hasSize(1);
    assertThat(
            api.requests().stream()
                .filter(request -> request.resource().equals("events"))
                .map(request -> request.body().replaceAll(".*\"reason\":\"(\\w+)\".*", "$1")))
        .containsExactlyInAnyOrder("AddressAssigned", "Serving");
  }

  @Test
  void twoRoutersWriteOneStatusAndOneEventOfEachKind() {
    start();
    startOn("node-2");
    Await.until(
        this::logged,
        () ->
            api.get("leases", "freeway", "ipvs-router-node-1").isPresent()
                && api.get("leases", "freeway", "ipvs-router-node-2").isPresent());
    for (int i = 0; i < 8; i++) {
      service("web-" + i);
      ready("web-" + i, "web-" + i, i + 1);
    }
    for (int i = 0; i < 8; i++) {
      untilTaking("web-" + i, Integer.toString(i + 1));
    }
    assertThat(IntStream.range(0, 8).mapToObj(i -> address("web-" + i).orElseThrow()).distinct())
        .hasSize(8);
  }

  @Test
  void theApiServerDiesAndNothingHappens() throws IOException {
    service("web");
    ready("web-1", "web", 1, 2);
    Router router = start();
    untilTaking("web", "1 2");
    api.refuse();
    Await.until(this::logged, () -> logged().contains("frozen"));
    assertThat(taking("web")).isEqualTo("1 2");
    ready("web-1", "web", 2);
    api.reopen();
    untilTaking("web", "2");
    Await.until(this::logged, () -> logged().contains("no longer frozen"));
    assertThat(router.address()).isNotNull();
  }

  @Test
  void aRouterThatStartsDuringTheOutageServesAndRepairs() throws IOException {
    service("web");
    ready("web-1", "web", 1, 2);
    Router first = start();
    untilTaking("web", "1 2");
    Await.until(
        this::logged,
        () -> {
          try (var files = Files.list(directory.resolve("state-node-1"))) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("desired-"));
          } catch (IOException e) {
            return false;
          }
        });
    first.close();
    api.refuse();
    kernel.flush(); // as after a reboot
    assertThat(taking("web")).isEqualTo("none");
    start();
    untilTaking("web", "1 2");
    assertThat(logged()).contains("serving what was last known").contains("\"of\":\"2");
    ready("web-1", "web", 3);
    api.reopen();
    untilTaking("web", "3");
  }

  @Test
  void withoutAnythingKnownItWaitsForTheApiServer() throws IOException {
    api.refuse();
    service("web");
    ready("web-1", "web", 1);
    start();
    Await.until(this::logged, () -> logged().contains("frozen"));
    assertThat(kernel.services()).isEmpty();
    api.reopen();
    untilTaking("web", "1");
  }

  @Test
  void aListThatLostMoreThanHalfIsLookedAtTwice() throws IOException {
    start();
    Await.until(this::logged, () -> logged().contains("programmed")); // the first list was empty
    service("web");
    ready("web-1", "web", 1, 2, 3);
    untilTaking("web", "1 2 3");
    api.refuse();
    ready("web-1", "web", 1);
    api.compact();
    api.reopen();
    Await.until(this::logged, () -> logged().contains("3 endpoints became 1"));
    assertThat(taking("web")).isEqualTo("1 2 3");
    long lists = api.requests().stream().filter(one -> one.query().contains("sendInitial")).count();
    untilTaking("web", "1"); // after a second, fresh list
    assertThat(api.requests().stream().filter(one -> one.query().contains("sendInitial")).count())
        .isGreaterThan(lists);
  }

  @Test
  void whatARoleDoesNotAllowIsSaidInWords() {
    api.answer(403, 1000);
    start();
    Await.until(
        this::logged,
        () -> logged().contains("a role that allows get, list and watch of endpointslices"));
  }

  /** From the Pod's template to who gets connections. */
  @Test
  void aBackendThatFailsItsPodsReadinessProbeGetsNoConnections() throws IOException {
    HttpServer well = HttpServer.create(new InetSocketAddress("127.0.0.2", 0), 0);
    int port = well.getAddress().getPort();
    HttpServer failing = HttpServer.create(new InetSocketAddress("127.0.0.3", port), 0);
    AtomicInteger status = new AtomicInteger(503);
    answer(well, () -> 200);
    answer(failing, status::get);
    try {
      api.put(
          """
          {"kind": "Service",
           "metadata": {"namespace": "shop", "name": "web", "annotations": {
             "freeway.dev/health-check": "readiness-probe,interval=100ms,timeout=100ms,fall=1"}},
           "spec": {"type": "LoadBalancer", "loadBalancerClass": "freeway.dev/ipvs",
                    "ipFamilies": ["IPv4"], "ports": [{"port": 80, "targetPort": "http"}]}}""");
      api.put(
          """
          {"kind": "Pod", "metadata": {"namespace": "shop", "name": "web-1", "uid": "u"},
           "spec": {"containers": [{"name": "web", "ports": [{"name": "http", "containerPort": %d}],
                    "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}}}]}}"""
              .formatted(port));
      api.put(
          """
          {"kind": "EndpointSlice",
           "metadata": {"namespace": "shop", "name": "web-1",
                        "labels": {"kubernetes.io/service-name": "web"}},
           "addressType": "IPv4", "ports": [{"port": %d}],
           "endpoints": [{"addresses": ["127.0.0.3"]},
             {"addresses": ["127.0.0.2"],
              "targetRef": {"kind": "Pod", "name": "web-1", "uid": "u"}}]}"""
              .formatted(port));
      start();
      Await.until(this::logged, () -> takingAt("web").equals("127.0.0.2"));
      Await.until(this::logged, () -> logged().contains("its check (http): "));
      status.set(200);
      Await.until(this::logged, () -> takingAt("web").equals("127.0.0.2 127.0.0.3"));
    } finally {
      well.stop(0);
      failing.stop(0);
    }
  }

  private static void answer(HttpServer server, IntSupplier status) {
    server.createContext("/", exchange -> respond(exchange, 404));
    server.createContext("/ready", exchange -> respond(exchange, status.getAsInt()));
    server.start();
  }

  private static void respond(HttpExchange exchange, int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  private String takingAt(String name) {
    return address(name)
        .flatMap(ip -> kernel.service(new ServiceKey(Protocol.TCP, IpAddress.parse(ip), 80)))
        .map(
            service ->
                service.destinations().stream()
                    .filter(destination -> destination.weight() > 0)
                    .map(destination -> destination.key().address().toString())
                    .sorted()
                    .collect(Collectors.joining(" ")))
        .orElse("none");
  }

  private static LongStream seeds() {
    return LongStream.rangeClosed(1, System.getenv("FREEWAY_FULL") == null ? 6 : 80);
  }

  /** Whatever happens to cluster and connection: in the end the kernel holds the truth. */
  @ParameterizedTest
  @MethodSource("seeds")
  void atEveryQuietPointTheKernelHoldsTheTruth(long seed) throws IOException {
    RandomCluster cluster = new RandomCluster(api, seed);
    cluster.begin();
    start("--drain-limit", "1h", "--max-shrink", "100%");
    for (int round = 0; round < 6; round++) {
      for (int step = 0; step < 15; step++) {
        cluster.step();
      }
      cluster.calm();
      Await.until(
          () -> "seed " + seed + ": " + differences(cluster) + "\n" + cluster.story(),
          () -> differences(cluster).isEmpty());
    }
  }

  private List<String> differences(RandomCluster cluster) {
    List<String> differences = new ArrayList<>();
    cluster
        .truth()
        .forEach(
            (name, expected) -> {
              if (!taking(name).equals(expected)) {
                differences.add(name + " has " + taking(name) + ", not " + expected);
              }
            });
    if (kernel.services().size() != cluster.truth().size()) {
      differences.add(kernel.services().size() + " services, not " + cluster.truth().size());
    }
    return differences;
  }
}
