package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.doctor.KernelRelease;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.kernel.KernelModel;
import dev.freeway.dataplane.sync.BootClock;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.TableLock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code run} as a whole against a model of the kernel, with real files and real HTTP. */
@Timeout(120)
final class RouterTest {
  @TempDir Path directory;
  private final KernelModel kernel = new KernelModel(1);
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Router> routers = new ArrayList<>();
  private Path manifests;

  @BeforeEach
  void makeDirectory() throws IOException {
    manifests = Files.createDirectory(directory.resolve("manifests"));
  }

  @AfterEach
  void end() {
    routers.forEach(Router::close);
    http.close();
  }

  /** A Service with endpoints of 10.1.0.0/24. */
  static String service(String name, String address, int... endpoints) {
    String[] addresses =
        Arrays.stream(endpoints).mapToObj(last -> "10.1.0." + last).toArray(String[]::new);
    return RouterFixture.service(name, address, "", addresses);
  }

  private void write(String file, String text) throws IOException {
    Path hidden = Files.writeString(manifests.resolve("." + file), text);
    Files.move(hidden, manifests.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private Router start(String... options) {
    List<String> args =
        new ArrayList<>(
            List.of(
                "run",
                "--manifests",
                manifests.toString(),
                "--state-dir",
                directory.resolve("state").toString(),
                "--audit-interval",
                "100ms"));
    if (!List.of(options).contains("--listen")) {
      args.addAll(List.of("--listen", "127.0.0.1:0"));
    }
    args.addAll(List.of(options));
    RouterConfig config =
        ((Arguments.Request.Run) Arguments.parse("test", args.toArray(String[]::new))).config();
    Console console = console(log);
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

  private static Console console(ByteArrayOutputStream err) {
    return RouterFixture.logsTo(err);
  }

  private String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  private HttpResponse<String> get(Router router, String path) {
    return ask(router, HttpRequest.newBuilder().GET(), path);
  }

  private HttpResponse<String> ask(Router router, HttpRequest.Builder request, String path) {
    URI uri = URI.create("http://127.0.0.1:" + router.address().getPort() + path);
    try {
      return http.send(request.uri(uri).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode state(Router router) {
    return new ObjectMapper().readTree(get(router, "/state").body());
  }

  private double metric(Router router, String series) {
    Matcher line =
        Pattern.compile("^" + Pattern.quote(series) + " (\\S+)$", Pattern.MULTILINE)
            .matcher(get(router, "/metrics").body());
    return line.find() ? Double.parseDouble(line.group(1)) : Double.NaN;
  }

  private static ServiceKey key(String address) {
    return new ServiceKey(Protocol.TCP, IpAddress.parse(address), 80);
  }

  private int destinations(String address) {
    return kernel.service(key(address)).map(s -> s.destinations().size()).orElse(-1);
  }

  private void untilDestinations(String address, int count) {
    Await.until(
        () -> address + " has " + destinations(address) + ", not " + count + "\n" + logged(),
        () -> destinations(address) == count);
  }

  @Test
  void followsADirectoryAndProgramsTheKernel() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    Router router = start();
    untilDestinations("10.0.0.1", 2);
    write("web.yaml", service("web", "10.0.0.1", 11, 12, 13));
    untilDestinations("10.0.0.1", 3);
    write("api.yaml", service("api", "10.0.0.2", 21));
    untilDestinations("10.0.0.2", 1);
    router.close();
    assertThat(destinations("10.0.0.1")).isEqualTo(3);
    assertThat(destinations("10.0.0.2")).isEqualTo(1);
  }

  @Test
  void readyOnceTheFirstStateIsProgrammedAndHealthyWhileTheWriterTurns() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11));
    Router router = start();
    Await.until(this::logged, () -> get(router, "/readyz").statusCode() == 200);
    assertThat(get(router, "/healthz").body()).isEqualTo("ok\n");
    assertThat(destinations("10.0.0.1")).isEqualTo(1);
  }

  @Test
  void emptyInputAtTheStartIsAnErrorAndChangesNothing() throws IOException {
    assertThatThrownBy(this::start)
        .isInstanceOfSatisfying(
            Router.StartException.class,
            e -> assertThat(e.errors().toString()).contains("an empty directory", "*.yaml"));
    write("web.yaml", "");
    assertThatThrownBy(this::start).isInstanceOf(Router.StartException.class);
    assertThat(kernel.changes()).isZero();
  }

  @Test
  void anAddressThatIsTakenIsAnErrorAndChangesNothing() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11));
    try (ServerSocket taken = new ServerSocket(0)) {
      assertThatThrownBy(() -> start("--listen", "127.0.0.1:" + taken.getLocalPort()))
          .isInstanceOfSatisfying(
              Router.StartException.class,
              e -> assertThat(e.errors().toString()).contains("--listen", "in use"));
    }
    assertThat(kernel.changes()).isZero();
  }

  @Test
  void aSecondRunAndAnApplyAreRefusedAndTheHolderIsNamed() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11));
    Router router = start();
    String pid = "process " + ProcessHandle.current().pid();
    assertThatThrownBy(this::start)
        .isInstanceOf(TableLock.HeldException.class)
        .hasMessageContainingAll("ipvs-router run", pid);
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    String[] apply = {
      "apply",
      "--manifests",
      manifests.toString(),
      "--state-dir",
      directory.resolve("state").toString()
    };
    assertThat(new Main(console(err), kernel::open, () -> RouterFixture.NAMESPACE).execute(apply))
        .isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("ipvs-router run, " + pid);
    router.close();
    assertThat(new Main(console(err), kernel::open, () -> RouterFixture.NAMESPACE).execute(apply))
        .isZero();
  }

  @Test
  void anUnusableFileFreezesWhatItSaidAndTheOthersGoOn() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    write("api.yaml", service("api", "10.0.0.2", 21));
    Router router = start();
    Await.until(this::logged, () -> get(router, "/readyz").statusCode() == 200);
    for (String bad : List.of("", "kind: [", "- 1\n", "\u0000")) {
      write("web.yaml", bad);
      Await.until(this::logged, () -> state(router).get("frozen").size() == 1);
      assertThat(state(router).get("frozen").get(0).get("file").asString()).endsWith("web.yaml");
      assertThat(state(router).get("frozen").get(0).get("expected").asString()).isNotEmpty();
      assertThat(metric(router, "ipvs_router_input_frozen")).isEqualTo(1);
      assertThat(get(router, "/readyz").statusCode()).isEqualTo(200);
      int next = bad.length() % 2 == 0 ? 2 : 3;
      write(
          "api.yaml",
          service("api", "10.0.0.2", next == 2 ? new int[] {21, 22} : new int[] {21, 22, 23}));
      untilDestinations("10.0.0.2", next);
      assertThat(destinations("10.0.0.1")).isEqualTo(2);
    }
    write("web.yaml", service("web", "10.0.0.1", 11, 12, 13));
    untilDestinations("10.0.0.1", 3);
    Await.until(this::logged, () -> logged().contains("no longer frozen"));
    assertThat(state(router).get("frozen")).isEmpty();
  }

  @Test
  void aRefusedServiceKeepsWhatItHadAndTheOthersGoOn() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    write("api.yaml", service("api", "10.0.0.2", 21));
    write("old.yaml", service("old", "10.0.0.3", 31));
    Router router = start();
    untilDestinations("10.0.0.3", 1);
    write("web.yaml", service("web", "10.0.0.1", 11).replace("forwarding:", "forwardin:"));
    Await.until(this::logged, () -> state(router).get("refused").size() == 1);
    write("api.yaml", service("api", "10.0.0.2", 21, 22));
    untilDestinations("10.0.0.2", 2);
    write("old.yaml", service("new", "10.0.0.4", 31));
    untilDestinations("10.0.0.4", 1);
    untilDestinations("10.0.0.3", -1);
    assertThat(destinations("10.0.0.1")).isEqualTo(2);
    assertThat(metric(router, "ipvs_router_refused_services")).isEqualTo(1);
    assertThat(logged()).contains("freeway.dev/forwardin");
  }

  @Test
  void aRestartWithARefusedServiceDeletesNothingOfIt() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    write("api.yaml", service("api", "10.0.0.2", 21));
    Router before = start();
    untilDestinations("10.0.0.2", 1);
    before.close();
    write("web.yaml", service("web", "10.0.0.1", 11).replace("forwarding:", "forwardin:"));
    Router router = start();
    Await.until(this::logged, () -> get(router, "/readyz").statusCode() == 200);
    write("api.yaml", service("api", "10.0.0.2", 21, 22));
    untilDestinations("10.0.0.2", 2);
    assertThat(destinations("10.0.0.1")).isEqualTo(2);
    write("web.yaml", service("web", "10.0.0.1", 11));
    untilDestinations("10.0.0.1", 1);
  }

  @Test
  void aRestartWithABrokenFileTakesNothingAway() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    write("api.yaml", service("api", "10.0.0.2", 21));
    Router before = start();
    untilDestinations("10.0.0.2", 1);
    before.close();
    write("web.yaml", "kind: [");
    Router router = start();
    write("api.yaml", service("api", "10.0.0.2", 21, 22));
    untilDestinations("10.0.0.2", 2);
    assertThat(destinations("10.0.0.1")).isEqualTo(2);
    assertThat(state(router).get("frozen")).hasSize(1);
    write("web.yaml", service("web", "10.0.0.1", 11, 13));
    Await.until(
        this::logged,
        () ->
            kernel.service(key("10.0.0.1")).orElseThrow().destinations().stream()
                .anyMatch(one -> one.key().toString().equals("10.1.0.13:80")));
    untilDestinations("10.0.0.1", 2);
  }

  private Path drains() {
    return directory.resolve("state").resolve("drains-1");
  }

  private void untilDraining(Router router, int count) {
    Await.until(this::logged, () -> state(router).get("draining").asInt() == count);
  }

  @Test
  void aDrainIsRecordedByTheTimeSinceTheBoot() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    Router router = start();
    untilDestinations("10.0.0.1", 2);
    long before = BootClock.SYSTEM.millis();
    write("web.yaml", RouterFixture.terminating(service("web", "10.0.0.1", 11, 12), "10.1.0.12"));
    untilDraining(router, 1);
    assertThat(RouterFixture.drainsSince(drains()))
        .isBetween(before - 10, BootClock.SYSTEM.millis());
  }

  @Test
  void aRestartWithABrokenFileGoesOnWithADrainOnceTheFileIsMended() throws IOException {
    String draining = RouterFixture.terminating(service("web", "10.0.0.1", 11, 12), "10.1.0.12");
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    write("api.yaml", service("api", "10.0.0.2", 21));
    Router before = start();
    untilDestinations("10.0.0.1", 2);
    write("web.yaml", draining);
    untilDraining(before, 1);
    before.close();
    String begun = Files.readString(drains());
    write("web.yaml", "kind: [");
    Router router = start();
    Await.until(this::logged, () -> get(router, "/readyz").statusCode() == 200);
    double audits = metric(router, "ipvs_router_audit_seconds_count");
    Await.until(
        this::logged, () -> metric(router, "ipvs_router_audit_seconds_count") >= audits + 2);
    assertThat(Files.readString(drains())).isEqualTo(begun);
    write("web.yaml", draining);
    untilDraining(router, 1);
    assertThat(Files.readString(drains())).isEqualTo(begun);
  }

  @Test
  void aStateThatLostTooMuchWaitsForASecondLook() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12, 13, 14));
    Router router = start();
    untilDestinations("10.0.0.1", 4);
    write("web.yaml", service("web", "10.0.0.1", 11));
    Await.until(this::logged, () -> !state(router).get("held").asString().isEmpty());
    assertThat(destinations("10.0.0.1")).isEqualTo(4);
    assertThat(metric(router, "ipvs_router_input_held")).isEqualTo(1);
    untilDestinations("10.0.0.1", 1);
    Await.until(this::logged, () -> state(router).get("held").asString().isEmpty());
  }

  @Test
  void aRestartWithHalfOfTheFilesDoesNotDeleteTheOtherHalfAtOnce() throws IOException {
    write("a.yaml", service("a", "10.0.0.1", 11, 12, 13));
    write("b.yaml", service("b", "10.0.0.2", 21));
    Router before = start();
    untilDestinations("10.0.0.2", 1);
    before.close();
    Files.delete(manifests.resolve("a.yaml"));
    Router router = start();
    Await.until(this::logged, () -> !state(router).get("held").asString().isEmpty());
    assertThat(destinations("10.0.0.1")).isEqualTo(3);
    assertThat(get(router, "/readyz").statusCode()).isEqualTo(503);
    assertThat(get(router, "/readyz").body()).contains("second look");
    untilDestinations("10.0.0.1", -1);
    assertThat(destinations("10.0.0.2")).isEqualTo(1);
  }

  @Test
  void tamperingIsRepairedAndCounted() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    Router router = start();
    untilDestinations("10.0.0.1", 2);
    try (Ipvs other = Ipvs.open(kernel.open())) {
      other.execute(List.of(new Command.DeleteService(key("10.0.0.1"))));
    }
    untilDestinations("10.0.0.1", 2);
    Await.until(this::logged, () -> state(router).get("repaired").asInt() > 0);
    assertThat(metric(router, "ipvs_router_repaired_total")).isPositive(); // both were told before
    assertThat(logged()).contains("repaired");
  }

  @Test
  void anAuditThatFindsNothingLogsNothing() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    Router router = start();
    Await.until(this::logged, () -> metric(router, "ipvs_router_audit_seconds_count") > 2);
    String before = logged();
    double audits = metric(router, "ipvs_router_audit_seconds_count");
    Await.until(this::logged, () -> metric(router, "ipvs_router_audit_seconds_count") > audits + 2);
    assertThat(logged()).isEqualTo(before);
  }

  @Test
  void aBurstIsOneLineWithCounts() throws IOException {
    int[] endpoints = new int[200];
    for (int i = 0; i < endpoints.length; i++) {
      endpoints[i] = i + 1;
    }
    write("web.yaml", service("web", "10.0.0.1", endpoints));
    start();
    untilDestinations("10.0.0.1", 200);
    Await.until(this::logged, () -> logged().contains("eventToKernelSeconds"));
    assertThat(logged().lines().count()).isLessThan(6);
    assertThat(logged()).contains("add destination=200");
    logged().lines().forEach(line -> assertThat(new ObjectMapper().readTree(line)).isNotNull());
  }

  @Test
  void metricsAreOfServicesAndOnRequestOfDestinations() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11, 12));
    Router router = start();
    String labels = "{address=\"10.0.0.1\",port=\"80\",protocol=\"tcp\"}";
    Await.until(
        () -> get(router, "/metrics").body(),
        () -> metric(router, "ipvs_router_service_destinations" + labels) == 2);
    assertThat(metric(router, "ipvs_router_service_without_backend" + labels)).isZero();
    assertThat(get(router, "/metrics").body())
        .contains(
            "ipvs_router_event_to_kernel_seconds_bucket{le=\"0.05\"}",
            "ipvs_router_event_to_kernel_seconds_bucket{le=\"16.0\"}",
            "ipvs_router_changes_total{action=\"add\",kind=\"destination\"} 2.0",
            "ipvs_router_service_connections_total" + labels,
            "ipvs_router_service_in_bytes_total" + labels,
            "ipvs_router_services{owner=\"ours\"} 1.0",
            "ipvs_router_services{owner=\"foreign\"} 0.0",
            "ipvs_router_input_age_seconds",
            "process_resident_memory_bytes",
            "process_uptime_seconds",
            "jvm_memory_used_bytes")
        .doesNotContain("destination=\"10.1.0.11:80\"");
    write("web.yaml", service("other", "10.0.0.9", 11, 12));
    Await.until(
        () -> get(router, "/metrics").body(),
        () -> !get(router, "/metrics").body().contains(labels));
    router.close();
    Router detailed = start("--metrics-destinations");
    Await.until(
        () -> get(detailed, "/metrics").body(),
        () -> get(detailed, "/metrics").body().contains("destination=\"10.1.0.11:80\""));
  }

  @Test
  void onlyGetAndHeadOfWhatExistsAreServed() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11));
    Router router = start();
    HttpResponse<String> missing = get(router, "/nothing");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(missing.body())
        .isEqualTo("here are: / /healthz /metrics /page.json /readyz /state /events\n");
    HttpResponse<String> delete = ask(router, HttpRequest.newBuilder().DELETE(), "/state");
    assertThat(delete.statusCode()).isEqualTo(405);
    assertThat(delete.headers().firstValue("allow")).contains("GET, HEAD");
    assertThat(delete.body()).contains("/state");
    HttpResponse<String> head = ask(router, HttpRequest.newBuilder().HEAD(), "/healthz?x=1");
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    HttpRequest.Builder post =
        HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000)));
    assertThat(ask(router, post, "/state").statusCode()).isEqualTo(413);
    assertThat(get(router, "/" + "x".repeat(5000)).statusCode()).isEqualTo(400);
  }

  @Test
  void stateIsTheDocumentOfShowAndMore() throws IOException {
    write("web.yaml", service("web", "10.0.0.1", 11));
    Router router = start();
    Await.until(this::logged, () -> state(router).get("services").size() == 1);
    JsonNode state = state(router);
    assertThat(List.copyOf(state.propertyNames()))
        .containsExactly(
            "version",
            "services",
            "announced",
            "programmed",
            "draining",
            "repaired",
            "held",
            "frozen",
            "refused",
            "unchecked",
            "errors");
    assertThat(List.copyOf(state.get("services").get(0).propertyNames()))
        .containsExactly(
            "protocol", "address", "port", "owner", "scheduler", "flags", "destinations");
    assertThat(state.get("services").get(0).get("owner").asString()).isEqualTo("ours");
  }
}
