package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backends that are not well, from their HTTP answers to who gets connections. */
@Timeout(90)
class HealthRouterTest {
  private static final String CHECK =
      "freeway.dev/health-check: \"http,path=/healthz,interval=100ms,timeout=100ms,rise=1,fall=2\"";

  @TempDir Path directory;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Map<Integer, HttpServer> backends = new ConcurrentHashMap<>();
  private final Map<Integer, Integer> statuses = new ConcurrentHashMap<>();
  private final Set<Integer> hangs = ConcurrentHashMap.newKeySet();
  private Optional<Router> router = Optional.empty();
  private int port;
  private int backendPort;

  private static InetAddress loopback(int last) {
    return InetAddress.ofLiteral("127.0.0." + last);
  }

  private static int freePort(int last) {
    try (ServerSocket socket = new ServerSocket(0, 1, loopback(last))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Answers its number, and for its health the status that it is told. */
  private void backend(int last) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(loopback(last), backendPort), 50);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          byte[] body = {(byte) ('0' + last)};
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.createContext(
        "/healthz",
        exchange -> {
          if (!hangs.contains(last)) {
            exchange.sendResponseHeaders(statuses.getOrDefault(last, 200), -1);
            exchange.close();
          }
        });
    server.start();
    backends.put(last, server);
  }

  private void start(String annotation) throws IOException {
    Files.writeString(
        directory.resolve("web.yaml"),
        RelayManifest.web(port, backendPort, 2, 3, 4, 5).annotated(annotation).yaml());
    router = Optional.of(RouterFixture.relayIn(directory, log, "--audit-interval", "100ms"));
  }

  @BeforeEach
  void begin() throws IOException {
    port = freePort(1);
    backendPort = freePort(2);
    for (int last = 2; last <= 5; last++) {
      backend(last);
    }
  }

  @AfterEach
  void end() {
    router.ifPresent(Router::close);
    backends.values().forEach(server -> server.stop(0));
  }

  /** Who answers twelve connections. */
  private String answers() {
    TreeSet<Character> answers = new TreeSet<>();
    for (int i = 0; i < 12; i++) {
      try (Socket client = new Socket(loopback(1), port)) {
        client.setSoTimeout(10_000);
        client
            .getOutputStream()
            .write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        byte[] answer = client.getInputStream().readAllBytes();
        answers.add(answer.length == 0 ? '-' : (char) answer[answer.length - 1]);
      } catch (IOException e) {
        answers.add('!');
      }
    }
    StringBuilder text = new StringBuilder();
    answers.forEach(text::append);
    return text.toString();
  }

  private String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  private void until(String expected) {
    Await.until(
        () -> answers() + ", not " + expected + "\n" + logged(), () -> answers().equals(expected));
  }

  /** It is said after it is done. */
  private void untilLogged(String text) {
    Await.until(() -> text + ", in\n" + logged(), () -> logged().contains(text));
  }

  private String metric(String name) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      String page =
          client
              .send(
                  HttpRequest.newBuilder(
                          URI.create(
                              "http://127.0.0.1:"
                                  + router.orElseThrow().address().getPort()
                                  + "/metrics"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return page.lines().filter(line -> line.startsWith(name + " ")).findFirst().orElse("none");
    }
  }

  @Test
  void whoIsNotWellGetsNoConnectionsUntilItIs() throws Exception {
    start(CHECK);
    until("2345");
    statuses.put(3, 503);
    until("245");
    assertThat(logged())
        .contains("its check (http): HTTP 503, expected 200-399")
        .contains("\"after\":\"nat weight=0\"");
    assertThat(metric("ipvs_router_unwell_destinations{state=\"out\"}"))
        .isEqualTo("ipvs_router_unwell_destinations{state=\"out\"} 1.0");
    statuses.put(3, 200);
    until("2345");
    Objects.requireNonNull(backends.get(4)).stop(0);
    until("235");
    Await.until(this::logged, () -> logged().contains("its check (http): connection refused"));
    assertThat(metric("ipvs_router_panicking_services"))
        .isEqualTo("ipvs_router_panicking_services 0.0");
  }

  @Test
  void whereTooManyAreNotWellAllAreUsedAndAnAlarmSaysSo() throws Exception {
    start(CHECK);
    until("2345");
    statuses.put(2, 500);
    statuses.put(3, 500);
    until("45");
    statuses.put(4, 500);
    until("2345");
    untilLogged("more backends are not well than may be taken out: all are used");
    Await.until( // it is published after it is said
        this::logged,
        () -> {
          try {
            return metric("ipvs_router_panicking_services").endsWith(" 1.0");
          } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    statuses.put(4, 200);
    until("45");
    untilLogged("backends that are not well are taken out again");
    assertThat(logged()).doesNotContain("no backend is out for its health any more");
    statuses.put(4, 500);
    until("2345");
    // All at once: those that come back one after the other leave others out as the panic ends.
    Files.writeString(
        directory.resolve("web.yaml"), RelayManifest.web(port, backendPort, 2, 3, 4, 5).yaml());
    untilLogged("no backend is out for its health any more");
    assertThat(answers()).isEqualTo("2345");
  }

  /** It is asked at once, and answers nothing for a while: until then it gets no connection. */
  @Test
  void whoWasOutBeforeARestartIsOutUntilItIsChecked() throws Exception {
    start(CHECK.replace("100ms,timeout=100ms", "4s,timeout=4s"));
    until("2345");
    statuses.put(3, 503);
    until("245");
    Await.until(
        this::logged,
        () -> {
          try (Stream<Path> files = Files.list(directory.resolve("state"))) {
            return files
                .filter(file -> file.getFileName().toString().startsWith("out-"))
                .anyMatch(file -> read(file).contains("127.0.0.3"));
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    router.orElseThrow().close();
    hangs.add(3);
    start(CHECK.replace("100ms,timeout=100ms", "4s,timeout=4s"));
    Await.until(this::logged, () -> !answers().equals("!"));
    assertThat(answers()).as(logged()).isEqualTo("245");
    hangs.clear();
    statuses.put(3, 200);
    until("2345");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whoseConnectionsFailIsTakenOutForAWhile() throws Exception {
    start("freeway.dev/outlier-ejection: \"true\"");
    until("2345");
    Objects.requireNonNull(backends.get(4)).stop(0);
    until("235"); // others take what it refuses
    Await.until(
        this::logged,
        () -> {
          assertThat(answers()).isEqualTo("235");
          return logged().contains("connections failed; tried again after 30 s");
        });
    assertThat(metric("ipvs_router_unwell_destinations{state=\"out\"}"))
        .isEqualTo("ipvs_router_unwell_destinations{state=\"out\"} 1.0");
  }
}
