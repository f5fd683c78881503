package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code top} beside a router that runs, and where none does. */
@Timeout(120)
final class TopTest {
  private static final String DOCUMENT =
      """
      {"router":{"node":"n\\u001b[31m","dataplane":"relay","unready":"","draining":1,"repaired":2},
       "services":{
        "tcp 10.0.0.1:80":{"ours":true,"owner":"shop/web\\u202e","scheduler":"rr","answers":"",
         "cps":5,"inBps":1234,"outBps":999,"backends":[
          {"address":"10.1.0.1:80","state":"serving","reason":"","forwarding":"nat","weight":1,
           "active":3,"inactive":4,"cps":2,"inBps":1,"outBps":2},
          {"address":"10.1.0.2:80","state":"removed","reason":"does not\\nanswer","forwarding":"",
           "weight":-1,"active":0,"inactive":0,"cps":0,"inBps":0,"outBps":0}]},
        "tcp 10.0.0.2:80":{"ours":true,"owner":"shop/api","scheduler":"rr","answers":"",
         "cps":9,"inBps":0,"outBps":0,"backends":[
          {"address":"10.1.0.3:80","state":"serving","reason":"","forwarding":"nat","weight":1,
           "active":1,"inactive":0,"cps":0,"inBps":0,"outBps":0}]},
        "fwmark 7":{"ours":false,"owner":"","scheduler":"wlc","answers":"","backends":[]}},
       "problems":[{"kind":"error","file":"f","document":"1","field":"x","value":"\\u0007",
        "expected":"y"}],
       "doctor":{"findings":[{"severity":"error","problem":"p","command":"modprobe ip_vs"}]},
       "changes":[{"number":1,"at":0,"action":"add","kind":"service","service":"tcp 10.0.0.1:80",
        "destination":"","reason":"asked for"}]}
      """;

  @TempDir Path directory;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Console console(java.io.InputStream in) {
    return new Console(
        in,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        InstantSource.fixed(Instant.EPOCH));
  }

  private static RouterConfig config(String... more) {
    String[] line = new String[more.length + 1];
    line[0] = "top";
    System.arraycopy(more, 0, line, 1, more.length);
    return ((Arguments.Request.Run) Arguments.parse("test", line)).config();
  }

  private String output() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private Report run(String... more) {
    return new Top(console(new ByteArrayInputStream(new byte[0])), Optional::empty)
        .run(config(more));
  }

  @Test
  void whereNoTerminalIsItIsPrintedOnce() throws IOException {
    int port = RelayFixture.freePort();
    try (RelayFixture relay =
        new RelayFixture(directory, RelayFixture.service("web", port, 2, 3))) {
      Await.until(
          relay::logged,
          () -> {
            Report report = run("--listen", relay.listen());
            out.reset();
            report.text(console(new ByteArrayInputStream(new byte[0])).out(), System.err, false);
            return report.exitCode() == ExitCode.DONE && output().contains("2/2");
          });
      assertThat(output())
          .startsWith("ipvs-router edge-1, relay: ready\n")
          .contains("1 services, 2 of 2 backends serving, 0 connections")
          .contains("shop/web")
          .contains("tcp 127.0.0.1:" + port)
          .contains(" add service tcp 127.0.0.1:" + port + ": asked for by shop/web");
      out.reset();
      JsonOutput.document(
          console(new ByteArrayInputStream(new byte[0])).out(),
          json -> run("-o", "json", "--listen", relay.listen()).json(json));
      JsonNode document = new ObjectMapper().readTree(output());
      assertThat(document.get("version").asInt()).isEqualTo(1);
      assertThat(document.get("services").get("tcp 127.0.0.1:" + port).get("owner").asString())
          .isEqualTo("shop/web");
    }
  }

  @Test
  void whereNothingListensThatIsOneSentence() throws IOException {
    int port = RelayFixture.freePort();
    int exitCode =
        new Main(console(new ByteArrayInputStream(new byte[0])), () -> null, () -> null)
            .execute("top", "--listen", "127.0.0.1:" + port);
    assertThat(exitCode).isEqualTo(1);
    assertThat(output()).isEmpty();
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualTo(
            "ipvs-router: --listen: nothing answers at 127.0.0.1:"
                + port
                + "; expected the address where ipvs-router run serves its pages, as its own"
                + " --listen says\n");
  }

  @Test
  void aTerminalIsDrawnOnUntilQAndIsThenAsItWas() throws Exception {
    int port = RelayFixture.freePort();
    AtomicBoolean closed = new AtomicBoolean();
    Terminal terminal =
        new Terminal() {
          @Override
          public Size size() {
            return new Size(100, 30);
          }

          @Override
          public void close() {
            closed.set(true);
          }
        };
    try (RelayFixture relay = new RelayFixture(directory, RelayFixture.service("web", port, 2));
        PipedOutputStream keys = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(keys)) {
      Top top = new Top(console(in), () -> Optional.of(terminal));
      Report[] report = new Report[1];
      Thread running =
          Thread.ofPlatform().start(() -> report[0] = top.run(config("--listen", relay.listen())));
      Await.until(this::output, () -> output().contains("1/1"));
      relay.connect(port);
      Await.until(this::output, () -> output().contains("1 connections"));
      keys.write('b');
      keys.write('q');
      keys.flush();
      running.join();
      assertThat(report[0].exitCode()).isEqualTo(ExitCode.DONE);
      assertThat(closed).isTrue();
      assertThat(output()).startsWith("\033[?1049h").endsWith("\033[?1049l");
    }
  }

  @Test
  void namesAreEscapedAndTheScreenIsNotOverrun() {
    JsonNode document = new ObjectMapper().readTree(DOCUMENT);
    TopScreen screen =
        new TopScreen(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new Terminal() {
              @Override
              public Size size() {
                return new Size(60, 12);
              }

              @Override
              public void close() {}
            });
    List<TopTable.Line> lines = screen.lines(document, new Terminal.Size(60, 12));
    assertThat(lines).hasSizeLessThanOrEqualTo(12);
    assertThat(lines).allMatch(line -> line.text().length() <= 60);
    List<String> wide =
        screen.lines(document, new Terminal.Size(300, 40)).stream()
            .map(TopTable.Line::text)
            .toList();
    assertThat(String.join("\n", wide))
        .contains("n\\u001b[31m", "shop/web\\u202e", "does not\\nanswer", "\\u0007; expected y")
        .contains("doctor: p: modprobe ip_vs", "foreign entries, left alone: 1")
        .contains("1.2 kB", "999 B");
    assertThat(wide).hasSize(40);
  }

  @Test
  void keysSortAndTheSameAgainTurnsTheOrder() {
    JsonNode document = new ObjectMapper().readTree(DOCUMENT);
    assertThat(owners(document, TopTable.Order.UP, false)).containsExactly("shop/web", "shop/api");
    assertThat(owners(document, TopTable.Order.NAME, false))
        .containsExactly("shop/api", "shop/web");
    assertThat(owners(document, TopTable.Order.CONNECTIONS, false))
        .containsExactly("shop/api", "shop/web");
    assertThat(owners(document, TopTable.Order.CONNECTIONS, true))
        .containsExactly("shop/web", "shop/api");
    assertThat(owners(document, TopTable.Order.ACTIVE, false))
        .containsExactly("shop/web", "shop/api");
  }

  private static List<String> owners(JsonNode document, TopTable.Order order, boolean reversed) {
    return TopTable.services(document, order, reversed, false).stream()
        .skip(1)
        .map(line -> line.text().substring(0, 8))
        .toList();
  }
}
