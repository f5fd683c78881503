package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.doctor.KernelRelease;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.kube.PodFollower;
import dev.freeway.dataplane.kube.PodNeeds;
import dev.freeway.dataplane.sync.Host;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The router in a real cluster, with the rights of its manifests, and a model of the kernel. */
@Tag("kubernetes")
@Timeout(600)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class KubernetesTest {
  @TempDir static Path shared;
  private static KubernetesLab lab;
  private static Path kubeconfig;

  @TempDir private Path directory;
  private final KernelModel kernel = new KernelModel(1);
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private @Nullable Router router;

  @BeforeAll
  static void start() {
    lab = new KubernetesLab(shared);
    lab.kubectl("apply", "--validate=strict", "--recursive", "-f", manifests());
    kubeconfig = lab.kubeconfig("kube-system", "ipvs-router");
    lab.kubectlWith(
        """
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1",
         "labels": {"topology.kubernetes.io/zone": "a"}}}""",
        "create",
        "-f",
        "-");
  }

  @AfterAll
  static void stop() {
    lab.close();
  }

  @AfterEach
  void end() {
    if (router != null) {
      router.close();
    }
  }

  private static String manifests() {
    return KubernetesLab.REPOSITORY.resolve("deploy/kubernetes").toString();
  }

  private Router follow() {
    RouterConfig config =
        ((Arguments.Request.Run)
                Arguments.parse(
                    "test",
                    "run",
                    "--kubeconfig",
                    kubeconfig.toString(),
                    "--node",
                    "node-1",
                    "--addresses",
                    "10.9.0.8-10.9.0.15,fd00:9::/125",
                    "--state-dir",
                    directory.resolve("state").toString(),
                    "--listen",
                    "127.0.0.1:0"))
            .config();
    Console console = RouterFixture.logsTo(log);
    console.configure(config.logLevel(), config.logJson());
    router =
        Router.start(
            console,
            config,
            () -> Ipvs.open(kernel::open),
            () -> Host.NONE,
            KernelRelease.parse("6.1.0"),
            RouterFixture.NAMESPACE,
            false);
    return router;
  }

  private String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  private static void apply(String yaml) {
    lab.kubectlWith(yaml, "apply", "-f", "-");
  }

  private static void service(String name, String more) {
    apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: %s, namespace: default}
        spec:
          type: LoadBalancer
          loadBalancerClass: freeway.dev/ipvs
          ports: [{name: http, port: 80}]
        %s
        """
            .formatted(name, more.indent(2)));
  }

  private static void slice(String name, String service, String... addresses) {
    StringBuilder endpoints = new StringBuilder();
    for (String address : addresses) {
      endpoints.append("- {addresses: [\"").append(address).append("\"]}\n");
    }
    apply(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %s, namespace: default, labels: {kubernetes.io/service-name: %s}}
        addressType: %s
        ports: [{name: http, port: 80}]
        endpoints:
        %s"""
            .formatted(name, service, addresses[0].contains(":") ? "IPv6" : "IPv4", endpoints));
  }

  private static String externalIp(String service) {
    return lab.kubectl(
        "get", "svc", service, "-o", "jsonpath={.status.loadBalancer.ingress[*].ip}");
  }

  private String destinations(String address) {
    return kernel
        .service(new ServiceKey(Protocol.TCP, IpAddress.parse(address), 80))
        .map(
            service ->
                service.destinations().stream()
                    .map(destination -> destination.key().address().toString())
                    .sorted()
                    .collect(Collectors.joining(" ")))
        .orElse("none");
  }

  private void untilDestinations(String address, String expected) {
    Await.until(
        () -> address + " has " + destinations(address) + ", not " + expected + "\n" + logged(),
        () -> destinations(address).equals(expected));
  }

  @Test
  @Order(1)
  void theManifestsAreAccepted() {
    assertThat(
            lab.kubectl(
                "apply", "--dry-run=server", "--validate=strict", "--recursive", "-f", manifests()))
        .contains("daemonset.apps/ipvs-router ", "daemonset.apps/ipvs-router-backend ");
    String samples = KubernetesLab.REPOSITORY.resolve("deploy/samples/tunnel.yaml").toString();
    assertThat(lab.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", samples))
        .contains("deployment.apps/web");
  }

  @Test
  @Order(2)
  void aServiceIsShownWithItsAddressAndItsEvents() {
    follow();
    service("web", "");
    slice("web-1", "web", "10.1.0.1", "10.1.0.2");
    untilDestinations("10.9.0.8", "10.1.0.1 10.1.0.2");
    assertThat(lab.kubectl("get", "svc", "web")).contains(" 10.9.0.8 ");
    Await.until(
        this::logged,
        () -> lab.kubectl("describe", "svc", "web").contains("routers balance it over"));
    assertThat(lab.kubectl("describe", "svc", "web"))
        .contains("AddressAssigned", "address 10.9.0.8", "ipvs-router", "10.9.0.8 (Proxy)");
    lab.kubectl("annotate", "svc", "web", "freeway.dev/forwarding=fast");
    Await.until(
        this::logged,
        () -> lab.kubectl("describe", "svc", "web").contains("one of auto, direct, tunnel"));
    lab.kubectl("annotate", "svc", "web", "freeway.dev/forwarding-");
    slice("web-1", "web", "10.1.0.3");
    untilDestinations("10.9.0.8", "10.1.0.3");
  }

  @Test
  @Order(3)
  void aRouterThatStartsAgainCountsUpWhatIsStillWrong() {
    follow();
    service("wrong", "");
    lab.kubectl("annotate", "svc", "wrong", "freeway.dev/forwarding=fast");
    Await.until(this::logged, () -> counts("wrong", "NotAccepted").equals("1"));
    end();
    router = null;
    follow();
    Await.until(
        () -> counts("wrong", "NotAccepted") + logged(),
        () -> counts("wrong", "NotAccepted").equals("2"));
    assertThat(counts("web", "AddressAssigned")).as("nothing is wrong with it").isEqualTo("1");
    lab.kubectl("delete", "svc", "wrong");
  }

  private static String counts(String service, String reason) {
    return lab.kubectl(
            "get",
            "events",
            "--field-selector=involvedObject.name=" + service + ",reason=" + reason,
            "-o",
            "jsonpath={.items[*].count}")
        .strip();
  }

  @Test
  @Order(4)
  void dualStack() {
    follow();
    service("both", "ipFamilyPolicy: RequireDualStack");
    slice("both-4", "both", "10.1.0.4");
    slice("both-6", "both", "fd00:1::6");
    Await.until(() -> externalIp("both") + logged(), () -> externalIp("both").contains(" "));
    for (String address : externalIp("both").split(" ", -1)) {
      untilDestinations(address, address.contains(":") ? "fd00:1::6" : "10.1.0.4");
    }
    lab.kubectl("delete", "svc", "both");
  }

  @Test
  @Order(5)
  void aServiceThatIsNoLongerALoadBalancerLosesItsAddress() {
    follow();
    service("short", "");
    Await.until(this::logged, () -> !externalIp("short").isEmpty());
    String address = externalIp("short");
    untilDestinations(address, "");
    lab.kubectl(
        "patch",
        "svc",
        "short",
        "--type=merge",
        "-p",
        "{\"spec\":{\"type\":\"ClusterIP\",\"loadBalancerClass\":null}}");
    untilDestinations(address, "none");
    assertThat(externalIp("short")).as("the API server takes it away itself").isEmpty();
    lab.kubectl("delete", "svc", "short");
  }

  @Test
  @Order(6)
  void theApiServerGoesAndComesBack() {
    follow();
    untilDestinations("10.9.0.8", "10.1.0.3");
    lab.killApi();
    Await.until(this::logged, () -> logged().contains("frozen"));
    assertThat(destinations("10.9.0.8")).isEqualTo("10.1.0.3");
    lab.startApi();
    slice("web-1", "web", "10.1.0.3", "10.1.0.5");
    untilDestinations("10.9.0.8", "10.1.0.3 10.1.0.5");
  }

  /** Whether a Pod is prepared is in its condition, by the rights of the agent's own manifests. */
  @Test
  @Order(7)
  void aPodsConditionSaysWhetherItIsPrepared() throws Exception {
    Path agent = lab.kubeconfig("kube-system", "ipvs-router-backend");
    service("tunnelled", "selector: {app: tunnelled}");
    lab.kubectl("annotate", "svc", "tunnelled", "freeway.dev/forwarding=tunnel");
    follow();
    Await.until(this::logged, () -> !externalIp("tunnelled").isEmpty());
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: tunnelled-1, namespace: default, labels: {app: tunnelled}}
        spec:
          nodeName: node-1
          readinessGates: [{conditionType: freeway.dev/backend-prepared}]
          containers: [{name: web, image: web}]
        """);
    reportAs(agent, false, "the module fou is not loaded");
    Await.until(() -> condition("{.status}"), () -> condition("{.status}").equals("False"));
    reportAs(agent, false, "the module fou is not loaded");
    Await.until(
        () -> counts("tunnelled-1", "BackendNotPrepared"),
        () -> counts("tunnelled-1", "BackendNotPrepared").equals("2"));
    reportAs(agent, true, "takes packets to it");
    Await.until(
        () -> condition("{.message}"), () -> condition("{.message}").equals("takes packets to it"));
    assertThat(condition("{.status}")).isEqualTo("True");
  }

  private static String condition(String field) {
    return lab.kubectl(
        "get",
        "pod",
        "tunnelled-1",
        "-o",
        "jsonpath={range .status.conditions[?(@.type==\"freeway.dev/backend-prepared\")]}"
            + field
            + "{end}");
  }

  /** An agent that starts, hears of the Pod, and says this of it. */
  private static void reportAs(Path kubeconfig, boolean prepared, String message) throws Exception {
    BlockingQueue<PodNeeds> heard = new LinkedBlockingQueue<>();
    try (ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor()) {
      PodFollower follower =
          PodFollower.open(
              Optional.of(kubeconfig),
              "node-1",
              loop,
              System::nanoTime,
              new PodFollower.Listener() {
                @Override
                public void needs(List<PodNeeds> pods, SortedSet<IpAddress> addresses) {
                  pods.stream().filter(pod -> !pod.addresses().isEmpty()).forEach(heard::add);
                }

                @Override
                public void input(Optional<InputError> problem) {
                  assertThat(problem).isEmpty();
                }
              });
      follower.start();
      PodNeeds pod = heard.poll(60, TimeUnit.SECONDS);
      assertThat(pod).isNotNull();
      assertThat(pod.pod()).isEqualTo("default/tunnelled-1");
      String before = counts("tunnelled-1", "BackendNotPrepared");
      loop.submit(() -> follower.report(pod, prepared, message)).get();
      Await.until(
          () -> before,
          () ->
              condition("{.message}").equals(message)
                  && (prepared || !counts("tunnelled-1", "BackendNotPrepared").equals(before)));
      loop.submit(follower::close).get();
      loop.shutdownNow();
    }
  }

  /** By the rights of the router's own manifests. */
  @Test
  @Order(8)
  void aServicesCheckIsItsPodsReadinessProbe() {
    follow();
    probed("probed-1", "exec: {command: [\"true\"]}");
    service("probed", "");
    lab.kubectl("annotate", "svc", "probed", "freeway.dev/health-check=readiness-probe");
    behind("probed", "probed-1");
    Await.until(
        this::logged,
        () ->
            lab.kubectl("describe", "svc", "probed")
                .contains("Pod probed-1, container web, readinessProbe: exec"));
    probed("probed-2", "httpGet: {path: /ready, port: web}");
    behind("probed", "probed-2");
    Await.until(this::logged, () -> logged().contains("no longer unchecked"));
    lab.kubectl("delete", "svc", "probed");
  }

  private static void probed(String name, String probe) {
    apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: default}
        spec:
          nodeName: node-1
          containers:
          - name: web
            image: web
            ports: [{name: web, containerPort: 80}]
            readinessProbe: {%s}
        """
            .formatted(name, probe));
  }

  /** A slice whose only endpoint is this Pod, at an address that nobody has. */
  private static void behind(String service, String pod) {
    apply(
        """
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: %s-1, namespace: default, labels: {kubernetes.io/service-name: %s}}
        addressType: IPv4
        ports: [{name: http, port: 80}]
        endpoints:
        - addresses: ["192.0.2.9"]
          targetRef: {kind: Pod, namespace: default, name: %s, uid: %s}
        """
            .formatted(
                service,
                service,
                pod,
                lab.kubectl("get", "pod", pod, "-o", "jsonpath={.metadata.uid}").strip()));
  }

  /** After all the others. */
  @ParameterizedTest
  @Order(9)
  @CsvSource({
    "ipvs-router, freeway-ipvs-router, ipvs-router",
    "ipvs-router-backend, freeway-ipvs-router-backend,",
  })
  void theRoleAllowsWhatIsUsedAndNoMore(
      String account, String clusterRole, @Nullable String namespaced) {
    String user = "system:serviceaccount:kube-system:" + account;
    Set<String> used = new TreeSet<>();
    Set<String> granted =
        new TreeSet<>(); // a server that just came back may refuse all for a moment
    for (JsonNode request : lab.audit()) {
      if (!request.path("user").path("username").asString("").equals(user)) {
        continue;
      }
      JsonNode object = request.path("objectRef");
      String sub = object.path("subresource").asString("");
      String verb = request.path("verb").asString("");
      String resource = object.path("resource").asString("") + (sub.isEmpty() ? "" : "/" + sub);
      used.add(verb + " " + resource);
      if (request.at("/responseStatus/code").asInt(0) != 403) {
        granted.add(verb + " " + resource);
      }
    }
    assertThat(granted).isEqualTo(used);
    Set<String> allowed = new TreeSet<>();
    List<String> roles = new ArrayList<>();
    roles.add(lab.kubectl("get", "clusterrole", clusterRole, "-o", "json"));
    if (namespaced != null) {
      roles.add(lab.kubectl("get", "role", namespaced, "-n", "kube-system", "-o", "json"));
    }
    for (String role : roles) {
      for (JsonNode rule : JsonMapper.shared().readTree(role).path("rules")) {
        for (JsonNode resource : rule.path("resources")) {
          for (JsonNode verb : rule.path("verbs")) {
            allowed.add(verb.asString() + " " + resource.asString());
          }
        }
      }
    }
    // A list in one piece is for servers that cannot stream it: this one can.
    allowed.removeIf(verb -> verb.startsWith("list "));
    used.removeIf(verb -> verb.startsWith("list "));
    assertThat(used).isEqualTo(allowed);
  }
}
