package dev.freeway.dataplane;

import dev.freeway.dataplane.core.InputError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code top}: what the page of a running router shows, in a terminal; once as plain text where
 * there is none. Threads that read the stream and the keys only queue what comes; the caller's
 * draws.
 */
final class Top {
  private static final Duration CONNECT = Duration.ofSeconds(3);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int CHANGES = 10;
  private static final int KEPT_CHANGES = 200;

  private final Console console;
  private final Supplier<Optional<Terminal>> terminal;
  private final ObjectMapper mapper = new ObjectMapper();

  /** What the caller's thread is told. */
  private sealed interface Signal {
    /** An event of the stream. */
    record Told(String name, String data) implements Signal {}

    /** A key. */
    record Pressed(int key) implements Signal {}

    /** The stream is at its end. */
    record Ended(String reason) implements Signal {}
  }

  /** The document, as JSON or as a table. */
  private record Shown(JsonNode document) implements Report {
    @Override
    public ExitCode exitCode() {
      return ExitCode.DONE;
    }

    @Override
    public void json(JsonGenerator out) {
      for (Map.Entry<String, JsonNode> field : document.properties()) {
        if (!field.getKey().equals("version")) {
          out.writeName(field.getKey());
          out.writeRawValue(field.getValue().toString());
        }
      }
    }

    @Override
    public void text(PrintStream out, PrintStream err, boolean wide) {
      TopTable.head(document).forEach(line -> out.println(line.text()));
      TopTable.problems(document).forEach(line -> out.println(line.text()));
      out.println();
      TopTable.services(document, TopTable.Order.NAME, false, true)
          .forEach(line -> out.println(line.text()));
      out.println();
      TopTable.changes(document, CHANGES).forEach(line -> out.println(line.text()));
    }
  }

  /** The router cannot be asked. */
  private static final class UnheardException extends Exception {
    private static final long serialVersionUID = 1;

    UnheardException(String reason) {
      super(reason);
    }
  }

  /**
   * A terminal or none.
   *
   * @param terminal opens it; empty where standard output is none
   */
  Top(Console console, Supplier<Optional<Terminal>> terminal) {
    this.console = console;
    this.terminal = terminal;
  }

  /** Shows the router until the key q, or once. */
  Report run(RouterConfig config) {
    URI router = router(config.listen());
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build()) {
      boolean once = config.once() || config.output() == OutputFormat.JSON;
      try {
        Optional<Terminal> screen = once ? Optional.empty() : terminal.get();
        if (screen.isEmpty()) {
          return new Shown(document(http, router.resolve("/page.json")));
        }
        try (Terminal opened = screen.get()) {
          return follow(http, router.resolve("/events"), opened);
        }
      } finally {
        http.shutdownNow();
      }
    } catch (UnheardException e) {
      return new FailureReport(
          Verb.TOP,
          ExitCode.FAILED,
          List.of(
              new InputError(
                  "",
                  "",
                  Setting.LISTEN.option(),
                  String.valueOf(e.getMessage()),
                  "the address where ipvs-router run serves its pages, as its own "
                      + Setting.LISTEN.option()
                      + " says")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new FailureReport(Verb.TOP, ExitCode.DONE, List.of());
    }
  }

  /** One that listens on all addresses does so on loopback too. */
  private static URI router(InetSocketAddress listen) {
    String host = listen.getAddress().getHostAddress();
    if (listen.getAddress().isAnyLocalAddress()) {
      host = host.contains(":") ? "::1" : "127.0.0.1";
    }
    return URI.create(
        "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + listen.getPort() + "/");
  }

  private <T> T ask(HttpClient http, HttpRequest request, HttpResponse.BodyHandler<T> body)
      throws UnheardException, InterruptedException {
    String where = request.uri().getAuthority();
    HttpResponse<T> answer;
    try {
      answer = http.send(request, body);
    } catch (IOException e) {
      throw new UnheardException("nothing answers at " + where);
    }
    if (answer.statusCode() != 200) {
      throw new UnheardException(
          answer.statusCode() == 503
              ? "as many as can follow the router at " + where + " already"
              : "what answers at " + where + " is no router, or another version's");
    }
    return answer.body();
  }

  private JsonNode document(HttpClient http, URI page)
      throws UnheardException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(page).timeout(ANSWER).build();
    String body = ask(http, request, HttpResponse.BodyHandlers.ofString());
    try {
      return mapper.readTree(body);
    } catch (JacksonException e) {
      throw new UnheardException(
          "what answers at " + page.getAuthority() + " is no router, or another version's");
    }
  }

  private Report follow(HttpClient http, URI events, Terminal screen)
      throws UnheardException, InterruptedException {
    InputStream stream =
        ask(
            http,
            HttpRequest.newBuilder(events).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    Thread.ofVirtual().start(() -> read(stream, signals));
    Thread.ofPlatform().daemon().name("keys").start(() -> keys(signals));
    TopScreen drawn = new TopScreen(console.out(), screen);
    Thread restore = new Thread(drawn::close);
    Runtime.getRuntime().addShutdownHook(restore); // for an end by a signal
    try {
      return draw(signals, drawn, events.getAuthority());
    } finally {
      drawn.close();
      try {
        Runtime.getRuntime().removeShutdownHook(restore);
      } catch (IllegalStateException _) {
        // it runs
      }
    }
  }

  private Report draw(BlockingQueue<Signal> signals, TopScreen screen, String where)
      throws UnheardException, InterruptedException {
    ObjectNode document = mapper.createObjectNode();
    while (true) {
      switch (signals.take()) {
        case Signal.Told told -> {
          merge(document, told);
          screen.draw(document);
        }
        case Signal.Pressed pressed -> {
          if (pressed.key == 'q' || pressed.key == 3) {
            return new FailureReport(Verb.TOP, ExitCode.DONE, List.of());
          }
          screen.press(pressed.key);
          screen.draw(document);
        }
        case Signal.Ended ended ->
            throw new UnheardException(
                "the router at " + where + " is no longer there: " + ended.reason);
      }
    }
  }

  /** As the page does it: a whole replaces everything, a change what it names. */
  private void merge(ObjectNode document, Signal.Told told) throws UnheardException {
    ObjectNode message;
    try {
      message = (ObjectNode) mapper.readTree(told.data);
    } catch (JacksonException | ClassCastException e) {
      throw new UnheardException("what answers is no router, or another version's");
    }
    if (told.name.equals("whole")) {
      document.removeAll();
      document.setAll(message);
      return;
    }
    ObjectNode services = document.withObjectProperty("services");
    message.path("gone").forEach(name -> services.remove(name.asString()));
    message
        .path("services")
        .properties()
        .forEach(entry -> services.set(entry.getKey(), entry.getValue()));
    message
        .path("figures")
        .properties()
        .forEach(entry -> figures(services.path(entry.getKey()), entry.getValue()));
    ArrayNode changes = document.withArrayProperty("changes");
    message.path("changes").forEach(changes::add);
    while (changes.size() > KEPT_CHANGES) {
      changes.remove(0);
    }
    for (Map.Entry<String, JsonNode> field : message.properties()) {
      if (!List.of("gone", "services", "figures", "changes").contains(field.getKey())) {
        document.set(field.getKey(), field.getValue());
      }
    }
  }

  /** See {@link OverviewDocument}: the numbers of a service, then those of its backends. */
  private static void figures(JsonNode service, JsonNode numbers) {
    Iterator<JsonNode> next = numbers.iterator();
    List<String> both = List.of("connections", "cps", "inBps", "outBps");
    take(service, both, next);
    for (JsonNode backend : service.path("backends")) {
      take(backend, List.of("active", "inactive"), next);
      take(backend, both, next);
    }
  }

  private static void take(JsonNode node, List<String> fields, Iterator<JsonNode> numbers) {
    for (String field : fields) {
      if (node instanceof ObjectNode object && numbers.hasNext()) {
        object.set(field, numbers.next());
      }
    }
  }

  private static void read(InputStream stream, BlockingQueue<Signal> signals) {
    String reason = "it closed the connection";
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      String name = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("event: ")) {
          name = line.substring("event: ".length());
        } else if (line.startsWith("data: ")) {
          signals.add(new Signal.Told(name, line.substring("data: ".length())));
        }
      }
    } catch (IOException e) {
      reason = String.valueOf(e.getMessage());
    }
    signals.add(new Signal.Ended(reason));
  }

  private void keys(BlockingQueue<Signal> signals) {
    try {
      for (int key = console.in().read(); key >= 0; key = console.in().read()) {
        signals.add(new Signal.Pressed(key));
      }
    } catch (IOException _) {
      // then there are no keys
    }
  }
}
