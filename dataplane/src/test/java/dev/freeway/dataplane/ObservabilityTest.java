package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * {@code deploy/observability} against a router that runs: its metrics are as Prometheus wants
 * them, alerts and dashboard name nothing that it does not serve, and every panel shows something.
 */
@Timeout(120)
class ObservabilityTest {
  private static final Path DIRECTORY = Path.of("../deploy/observability");
  private static final Path RULES = DIRECTORY.resolve("rules.yaml");
  private static final Path RULES_TEST = DIRECTORY.resolve("rules-test.yaml");
  private static final Path NOTHING = Path.of("/dev/null");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path directory;
  private static String metrics = "";
  private static Scrape scrape = new Scrape(List.of());

  @BeforeAll
  static void scrapeARouter() throws IOException {
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    try (ServerSocket backend = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.2"))) {
      Files.writeString(
          directory.resolve("web.yaml"),
          RouterFixture.service("web", "127.0.0.1", "2026-01-01T00:00:00Z", "127.0.0.2")
              .replace("port: 80}", "port: " + backend.getLocalPort() + "}"));
      AtomicReference<String> last = new AtomicReference<>("");
      try (Router router =
              RouterFixture.relayIn(
                  directory, log, "--audit-interval", "100ms", "--metrics-destinations");
          HttpClient http = HttpClient.newHttpClient()) {
        Await.until(
            () -> last + log.toString(StandardCharsets.UTF_8),
            () -> {
              last.set(get(http, router));
              return last.get().contains("ipvs_router_destination_weight{");
            });
      }
      metrics = last.get();
      scrape = Scrape.parse(metrics);
    }
  }

  private static String get(HttpClient http, Router router) {
    URI uri = URI.create("http://127.0.0.1:" + router.address().getPort() + "/metrics");
    try {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static JsonNode yaml(Path file) throws IOException {
    return JSON.valueToTree(
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file)));
  }

  static Stream<JsonNode> alerts() throws IOException {
    List<JsonNode> alerts = new ArrayList<>();
    yaml(RULES).get("groups").forEach(group -> group.get("rules").forEach(alerts::add));
    return alerts.stream();
  }

  private static String name(JsonNode alert) {
    return alert.get("alert").asString();
  }

  @Test
  void metricsAreAsPrometheusWantsThem() throws Exception {
    Path file = Files.writeString(directory.resolve("metrics.txt"), metrics);
    assertThat(Promtool.passes(file, "check", "metrics")).isEmpty();
  }

  @Test
  void rulesAreValid() throws Exception {
    Promtool.passes(NOTHING, "check", "rules", RULES.toString());
  }

  @Test
  void rulesFireWhenTheyShould() throws Exception {
    Promtool.passes(NOTHING, "test", "rules", RULES_TEST.toString());
  }

  /** Debian's promtool is built without Kubernetes, so a fixed target stands for the Pods. */
  @Test
  void theConfigurationIsValidButForTheDiscovery() throws Exception {
    String text = Files.readString(DIRECTORY.resolve("prometheus.yaml"));
    String fixed =
        text.replaceFirst(
            "(?s)kubernetes_sd_configs:.*?\n    relabel",
            "static_configs: [{targets: ['127.0.0.1:10777']}]\n    relabel");
    assertThat(fixed).isNotEqualTo(text);
    Files.copy(RULES, directory.resolve("rules.yaml"));
    Path file = Files.writeString(directory.resolve("prometheus.yaml"), fixed);
    Promtool.passes(NOTHING, "check", "config", file.toString());
  }

  @ParameterizedTest
  @MethodSource("alerts")
  void anAlertReadsWhatIsServedAndSaysWhatToDo(JsonNode alert) {
    String expression = alert.get("expr").asString();
    assertThat(scrape.unknown(expression)).as("%s: not served", name(alert)).isEmpty();
    assertThat(alert.get("labels").get("severity").asString()).isIn("critical", "warning");
    JsonNode annotations = alert.get("annotations");
    assertThat(annotations.get("runbook").asString())
        .isEqualTo("README.md, Watching it, " + name(alert));
    for (String text : List.of("summary", "behaviour", "description")) {
      assertThat(annotations.get(text).asString()).as("%s", text).isNotBlank();
    }
    Set<String> labels = scrape.labels(Expression.parse(expression));
    for (String label : all("\\$labels[. ]\"?(\\w+)", annotations.get("summary").asString())) {
      assertThat(labels).contains(label);
    }
    for (Expression.Selector selector : Expression.parse(expression).selectors()) {
      assertThat(annotations.get("behaviour").asString())
          .contains("`" + selector.metric().replaceFirst("_(bucket|count)$", ""));
    }
  }

  private static List<String> all(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  /** A check lists the alerts that fire at its time. */
  @Test
  void eachAlertIsSeenToFireAndNotToFireOnSeriesThatAreServed() throws IOException {
    Set<String> seen = new TreeSet<>();
    for (JsonNode group : yaml(RULES_TEST).get("tests")) {
      String alert = group.get("name").asString().replaceFirst(":.*", "");
      for (JsonNode series : group.get("input_series")) {
        String text = series.get("series").asString();
        if (!text.startsWith("up{job=\"node\"")) {
          assertThat(scrape.unknown(text)).as("%s", group.get("name")).isEmpty();
        }
      }
      for (JsonNode check : group.get("promql_expr_test")) {
        boolean fires = check.get("exp_samples").toString().contains("\\\"" + alert + "\\\"");
        seen.add(alert + (fires ? " fires" : " does not"));
      }
    }
    assertThat(seen)
        .containsExactlyElementsOf(
            alerts()
                .flatMap(alert -> Stream.of(name(alert) + " does not", name(alert) + " fires"))
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void theReadmeHasEachAlert() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("alert", "severity", "when", "what to do"));
    alerts()
        .forEach(
            alert ->
                rows.add(
                    List.of(
                        name(alert),
                        alert.get("labels").get("severity").asString(),
                        alert.get("annotations").get("behaviour").asString(),
                        alert.get("annotations").get("description").asString())));
    Readme.holds("alerts", Readme.table(rows));
  }

  /** Every expression of the dashboard's panels and annotations. */
  private static List<JsonNode> queries() {
    List<JsonNode> queries = new ArrayList<>();
    for (JsonNode panel : DashboardTest.panels(DashboardTest.read())) {
      if (panel.has("targets")) {
        panel.get("targets").forEach(queries::add);
      }
    }
    return queries;
  }

  @Test
  void theDashboardReadsWhatIsServed() {
    for (JsonNode query : queries()) {
      String expression = query.get("expr").asString();
      assertThat(scrape.unknown(expression)).as("%s: not served", expression).isEmpty();
      assertThat(scrape.labels(Expression.parse(expression)))
          .as("the legend of %s", expression)
          .containsAll(all("\\{\\{(\\w+)}}", query.get("legendFormat").asString()));
    }
    JsonNode dashboard = DashboardTest.read();
    for (JsonNode annotation : dashboard.get("annotations").get("list")) {
      assertThat(scrape.unknown(annotation.get("expr").asString())).isEmpty();
    }
    for (JsonNode variable : dashboard.get("templating").get("list")) {
      String query = variable.get("query").path("query").asString("");
      for (MatchResult asked :
          Pattern.compile("label_values\\((.*), (\\w+)\\)").matcher(query).results().toList()) {
        assertThat(scrape.unknown(asked.group(1))).isEmpty();
        assertThat(scrape.labels(Expression.parse(asked.group(1)))).contains(asked.group(2));
      }
    }
  }

  /** promtool works each expression out over the series of the scrape, all of which grow. */
  @Test
  void everyPanelShowsSomething() throws Exception {
    List<Map<String, String>> series = new ArrayList<>();
    String target = "job=\"ipvs-router\",instance=\"a\"";
    series.add(Map.of("series", "up{" + target + "}", "values", "1x20"));
    series.add(
        Map.of(
            "series",
            "ALERTS{alertname=\"FreewayA\",alertstate=\"firing\"," + target + "}",
            "values",
            "1x20"));
    for (Scrape.Series one : scrape.series()) {
      StringBuilder labels = new StringBuilder(target);
      one.labels().forEach((label, value) -> labels.append("," + label + "=\"" + value + "\""));
      series.add(Map.of("series", one.metric() + "{" + labels + "}", "values", "1+1x20"));
    }
    List<Map<String, Object>> checks = new ArrayList<>();
    for (JsonNode query : queries()) {
      String expression =
          query
              .get("expr")
              .asString()
              .replace("$__rate_interval", "5m")
              .replaceAll("\\$(instance|service)", ".*");
      checks.add(
          Map.of(
              "expr",
              "count(" + expression + ") > bool 0",
              "eval_time",
              "15m",
              "exp_samples",
              List.of(Map.of("labels", "{}", "value", 1))));
    }
    Path file = directory.resolve("panels.yaml");
    Files.writeString(
        file,
        JSON.writeValueAsString(
            Map.of(
                "tests",
                List.of(
                    Map.of(
                        "interval", "1m", "input_series", series, "promql_expr_test", checks)))));
    Promtool.passes(NOTHING, "test", "rules", file.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ipvs_router_error",
        "rate(ipvs_router_errors[5m]) > 0 and on (instance) ipvs_router_eror",
        "sum by (adress) (ipvs_router_service_destinations)",
        "ipvs_router_service_destinations{adress=~\".*\"}",
        "ipvs_router_services{owner=\"theirs\"}",
        "1 - sum without (le) (rate(freeway_endpoint_event_to_kernel_seconds_bucket{le=\"0.2\"}[5m]))"
      })
  void aNameThatNobodyServesIsFound(String expression) {
    assertThat(scrape.unknown(expression)).hasSize(1);
  }
}
