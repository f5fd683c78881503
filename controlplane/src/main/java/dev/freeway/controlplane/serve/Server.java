package dev.freeway.controlplane.serve;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.freeway.controlplane.query.NamedQueries;
import dev.freeway.controlplane.query.QueryException;
import dev.freeway.controlplane.report.Page;
import dev.freeway.controlplane.report.Parts;
import dev.freeway.controlplane.store.Store;
import dev.freeway.controlplane.store.StoreException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The inventory's page and what it asks. {@code GET /} is the page; {@code GET
 * /part?name=NAME&version=VERSION} what it shows, see {@link Parts} ({@code name=data&scan=N}
 * without a version begins); {@code POST /api/NAME} with an object as JSON is a question, see
 * {@link Answers}. An error is {@code {error: text}}. Nothing that can be asked changes anything.
 */
public final class Server implements AutoCloseable {
  private static final int LONGEST_BODY = 64 * 1024;
  private static final int READERS = 4;
  private static final int WAITING = 32;
  private static final int SECONDS = 120;
  private static final Set<String> GET = Set.of("GET");
  private static final Set<String> POST = Set.of("POST");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  static {
    // Of the JDK's server, which reads them once: how long a request may take to come and an answer
    // to go, and how much of it there may be. Who sets them otherwise has their way.
    usual("sun.net.httpserver.maxReqTime", "10");
    usual("sun.net.httpserver.maxRspTime", "300");
    usual("sun.net.httpserver.idleInterval", "30");
    usual("sun.net.httpserver.maxReqHeaders", "64");
    usual("sun.net.httpserver.maxReqHeaderSize", "32768");
    usual("jdk.httpserver.maxConnections", "128");
  }

  private static void usual(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  private final HttpServer http;
  private final ExecutorService connections = Executors.newVirtualThreadPerTaskExecutor();
  private final ThreadPoolExecutor readers =
      new ThreadPoolExecutor(
          READERS,
          READERS,
          30,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          Thread.ofPlatform().daemon().name("reader-", 0).factory());
  private final Gate gate;
  private final Page page = ServedPage.page();
  private final Answers answers;
  private final Snapshots snapshots;

  private Server(HttpServer http, Gate gate, Answers answers, Snapshots snapshots) {
    this.http = http;
    this.gate = gate;
    this.answers = answers;
    this.snapshots = snapshots;
  }

  /**
   * Begins to answer.
   *
   * @param queries read anew for every use, so that a file of one's own is there at once
   * @param listen on loopback; port 0 for any
   * @throws IOException when it cannot listen there
   * @throws IllegalArgumentException when that is no address of loopback
   */
  public static Server start(
      Store store, Supplier<NamedQueries> queries, Questions questions, InetSocketAddress listen)
      throws IOException {
    if (listen.isUnresolved() || !listen.getAddress().isLoopbackAddress()) {
      throw new IllegalArgumentException(
          listen.getHostString()
              + ": expected an address of loopback, such as 127.0.0.1; from elsewhere, ssh -L");
    }
    HttpServer http = HttpServer.create(listen, 64);
    InetSocketAddress bound = http.getAddress();
    Server server =
        new Server(
            http,
            Gate.of(bound.getAddress().getHostAddress().replaceAll("%.*", ""), bound.getPort()),
            new Answers(store, queries, questions, InstantSource.system()),
            new Snapshots(store));
    server.readers.allowCoreThreadTimeOut(true);
    http.setExecutor(server.connections);
    http.createContext("/", server::handle);
    http.start();
    return server;
  }

  /** Where the page is. */
  public String url() {
    String host = http.getAddress().getAddress().getHostAddress().replaceAll("%.*", "");
    return "http://"
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + http.getAddress().getPort()
        + "/";
  }

  /** Ends at once; what is being asked is cut off. */
  @Override
  public void close() {
    http.stop(0);
    readers.shutdownNow();
    connections.shutdownNow();
  }

  /** What is sent. */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a record
  private record Reply(int status, String type, byte[] body, boolean packed) {
    static Reply json(int status, JsonNode node) {
      // No bracket of HTML in it, whatever reads it.
      String text =
          JSON.writeValueAsString(node)
              .replace("<", "\\u003c")
              .replace(">", "\\u003e")
              .replace("&", "\\u0026")
              .replace("\u2028", "\\u2028")
              .replace("\u2029", "\\u2029");
      return new Reply(
          status, "application/json; charset=utf-8", text.getBytes(StandardCharsets.UTF_8), false);
    }

    static Reply error(int status, String message) {
      return json(status, JSON.createObjectNode().put("error", message));
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Reply reply;
      try {
        reply = reply(exchange);
      } catch (Refused e) {
        reply = Reply.error(e.status(), e.message());
      } catch (IllegalArgumentException | QueryException e) {
        reply = Reply.error(400, String.valueOf(e.getMessage()));
      } catch (StoreException e) {
        reply = Reply.error(500, String.valueOf(e.getMessage()));
      } catch (RuntimeException e) {
        System.getLogger(Server.class.getName())
            .log(System.Logger.Level.ERROR, exchange.getRequestURI().getPath(), e);
        reply = Reply.error(500, "an error of freeway's own: " + e);
      }
      send(exchange, reply);
    }
  }

  private Reply reply(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/")) {
      gate.check(exchange, GET, true);
      return new Reply(
          200, "text/html; charset=utf-8", page.text().getBytes(StandardCharsets.UTF_8), false);
    }
    if (path.equals("/part")) {
      gate.check(exchange, GET, false);
      return part(exchange);
    }
    if (path.startsWith("/api/")) {
      gate.check(exchange, POST, false);
      JsonNode asked = body(exchange);
      String name = path.substring("/api/".length());
      return Reply.json(200, inTime(() -> answers.answer(name, asked)));
    }
    gate.check(exchange, GET, false);
    throw new Refused(404, path + ": nothing is here; expected /");
  }

  private Reply part(HttpExchange exchange) {
    Map<String, String> asked = parameters(exchange);
    String name = asked.getOrDefault("name", "");
    String version = asked.getOrDefault("version", "");
    Parts parts;
    if (version.isEmpty()) {
      String scan = asked.getOrDefault("scan", "");
      if (!scan.matches("\\d{0,18}")) {
        throw new Refused(400, "scan " + scan + ": expected a number");
      }
      Snapshots.Snapshot snapshot =
          inTime(
              () ->
                  snapshots.of(
                      scan.isEmpty()
                          ? OptionalLong.empty()
                          : OptionalLong.of(Long.parseLong(scan))));
      exchange.getResponseHeaders().set("X-Version", snapshot.version());
      parts = snapshot.parts();
    } else {
      parts =
          snapshots
              .kept(version)
              .orElseThrow(() -> new Refused(410, "this is kept no longer: load the page again"));
    }
    return new Reply(
        200,
        "application/json; charset=utf-8",
        parts.part(name).orElseThrow(() -> new Refused(404, name + ": no such part")),
        true);
  }

  private static Map<String, String> parameters(HttpExchange exchange) {
    Map<String, String> parameters = new LinkedHashMap<>();
    String query = exchange.getRequestURI().getRawQuery();
    for (String pair : (query == null ? "" : query).split("&", -1)) {
      String[] sides = pair.split("=", 2);
      parameters.put(
          sides[0], sides.length < 2 ? "" : URLDecoder.decode(sides[1], StandardCharsets.UTF_8));
    }
    return parameters;
  }

  private static JsonNode body(HttpExchange exchange) throws IOException {
    // A form of another site can send text, but not this without asking first.
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.matches("(?i)application/json\\s*(;.*)?")) {
      throw new Refused(415, "Content-Type " + type + ": expected application/json");
    }
    byte[] body = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
    if (body.length > LONGEST_BODY) {
      throw new Refused(413, "a body of more than " + LONGEST_BODY + " bytes");
    }
    try {
      JsonNode asked = JSON.readTree(body);
      if (asked.isObject()) {
        return asked;
      }
    } catch (JacksonException _) {
      // said below
    }
    throw new Refused(400, "the body: expected one JSON object");
  }

  /** Reads the store on a platform thread, a few at a time. */
  private <T> T inTime(Callable<T> reading) {
    Future<T> reader;
    try {
      reader = readers.submit(reading);
    } catch (RejectedExecutionException _) {
      throw new Refused(503, "busy: " + WAITING + " requests wait; try again");
    }
    try {
      return reader.get(SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException _) {
      reader.cancel(true);
      throw new Refused(504, "no answer in " + SECONDS + " seconds");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new Refused(503, "the server ends");
    }
  }

  private void send(HttpExchange exchange, Reply reply) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", reply.type);
    headers.set("Content-Security-Policy", page.policy() + "; frame-ancestors 'none'");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("X-Frame-Options", "DENY");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cache-Control", "no-store");
    if (reply.packed) {
      headers.set("Content-Encoding", "gzip");
    }
    if (reply.status >= 400) {
      headers.set("Connection", "close"); // a body may not have been read
    }
    exchange.sendResponseHeaders(reply.status, reply.body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(reply.body);
    }
  }
}
