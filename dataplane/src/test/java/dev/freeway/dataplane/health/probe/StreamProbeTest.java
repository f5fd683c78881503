package dev.freeway.dataplane.health.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.RelayRules.ProxyProtocol;
import dev.freeway.dataplane.health.probe.Outcome.Dead;
import dev.freeway.dataplane.health.probe.Outcome.Failing;
import dev.freeway.dataplane.health.probe.Outcome.Untried;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** TCP and HTTP/1.1 against backends of every kind. */
final class StreamProbeTest {
  private static final String QUICK = ",timeout=600ms";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final String HEAD = "HTTP/1.1 200 OK\r\n";

  private final Tries tries = new Tries(Instant.EPOCH, List.of());

  @AfterEach
  void close() {
    tries.close();
  }

  /**
   * @param expected "well", or the class and the reason
   */
  record Case(String name, String check, Served.Script script, String expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case http(String name, String options, String answer, String expected) {
    return new Case(
        name,
        "http" + options,
        talk -> {
          talk.request();
          talk.say(answer);
        },
        expected);
  }

  private static Case quick(String name, String check, Served.Script script, String expected) {
    return new Case(name, check + QUICK, script, expected);
  }

  static Stream<Case> cases() {
    return Stream.of(
        quick("accepts and hangs", "tcp", Served.Talk::hang, "well"),
        quick("accepts and closes", "tcp", _ -> {}, "well"),
        http("answers", "", OK, "well"),
        http("answers without length", "", HEAD + "\r\nok", "well"),
        http("answers HTTP/1.0", "", "HTTP/1.0 200 OK\r\n\r\n", "well"),
        http(
            "answers in chunks",
            ",body=split in two",
            HEAD + "Transfer-Encoding: chunked\r\n\r\n8\r\nsplit in\r\n4\r\n two\r\n0\r\n\r\n",
            "well"),
        http("redirects", "", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "well"),
        http("says first to go on", "", "HTTP/1.1 103 Early Hints\r\n\r\n" + OK, "well"),
        http(
            "is unavailable",
            "",
            "HTTP/1.1 503 Sorry\r\nContent-Length: 0\r\n\r\n",
            "Failing: HTTP 503, expected 200-399"),
        http("status is another", ",status=204|404", OK, "Failing: HTTP 200, expected 204|404"),
        http("header is there", ",header=X-State:we", HEAD + "x-state: well\r\n\r\n", "well"),
        http(
            "header is another",
            ",header=X-State:well",
            HEAD + "x-state: ill\u0007\r\n\r\n",
            "Failing: header x-state is \"ill\\x07\", expected \"well\" in it"),
        http(
            "header is missing",
            ",header=X-State:well",
            OK,
            "Failing: header x-state is missing, expected \"well\" in it"),
        http("body is right", ",body=ok", OK, "well"),
        http(
            "body is another", ",body=fine", OK, "Failing: no \"fine\" in the 2 bytes of the body"),
        http(
            "is something else",
            "",
            "SSH-2.0-OpenSSH_9.2\u001b[31m\r\n\r\n",
            "Failing: the answer is not HTTP/1.1: \"SSH-2.0-OpenSSH_9.2\\x1b[31m\\x0d\\x0a\\x0d\\x0a\""),
        http(
            "has a long line",
            "",
            "HTTP/1.1 200 " + "x".repeat(5000) + "\r\n\r\n",
            "Failing: HTTP headers of more than 16 KiB"),
        http(
            "has many headers",
            "",
            HEAD + "x: y\r\n".repeat(10_000),
            "Failing: HTTP headers of more than 16 KiB"),
        http(
            "ends in the middle",
            "",
            HEAD + "Content-Length: 9\r\n\r\nok",
            "Failing: connection closed in the middle of the answer"),
        new Case(
            "ends at once",
            "http",
            talk -> talk.request(),
            "Failing: connection closed before an answer"),
        new Case(
            "resets at once",
            "http",
            talk -> {
              talk.request();
              talk.reset();
            },
            "Failing: connection reset before an answer"),
        new Case(
            "resets in mid-body",
            "http",
            talk -> {
              talk.request();
              talk.say(HEAD + "Content-Length: 9\r\n\r\nok");
              talk.socket().setSoTimeout(100); // what was said arrives first
              try {
                talk.hang();
              } catch (java.net.SocketTimeoutException e) {
                talk.reset();
              }
            },
            "Failing: connection reset in the middle of the answer"),
        quick("says nothing", "http", Served.Talk::hang, "Failing: no answer within 600 ms"),
        quick(
            "says nothing more",
            "http",
            talk -> talk.say("HTTP").hang(),
            "Failing: no whole answer within 600 ms, only 4 bytes"),
        new Case(
            "says one byte at a time",
            "http,body=ok",
            talk -> {
              talk.request();
              talk.sayBytewise(OK, 1);
            },
            "well"),
        quick(
            "says one byte at a time without end",
            "http,body=never",
            talk -> {
              talk.request();
              talk.say(HEAD + "\r\n").sayBytewise("x".repeat(1000), 10);
            },
            "Failing: no whole answer within 600 ms, only "),
        new Case("a gigabyte", "http", talk -> flood(talk, HEAD + "\r\n", 'x'), "well"),
        new Case(
            "a gigabyte that is wrong",
            "http,body=y",
            talk -> flood(talk, HEAD + "Content-Length: 1073741824\r\n\r\n", 'x'),
            "Failing: no \"y\" in the first 64 KiB of the body"),
        new Case("a gigabyte that is not HTTP", "http", talk -> flood(talk, "", 'x'), "Failing: "),
        new Case(
            "a gigabyte of interim answers",
            "http",
            talk -> flood(talk, "HTTP/1.1 100 Continue\r\n\r\n".repeat(400_000), ' '),
            "Failing: more than 256 KiB and no end of an answer"));
  }

  private static void flood(Served.Talk talk, String head, char filling) throws IOException {
    talk.request();
    talk.say(head);
    byte[] piece = new byte[1 << 20];
    java.util.Arrays.fill(piece, (byte) filling);
    for (int i = 0; i < 1024; i++) {
      talk.say(piece);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void judges(Case one) throws IOException {
    try (Served served = Served.by(one.script())) {
      Outcome outcome = tries.of(one.check(), served.port());
      if (one.expected().equals("well")) {
        assertThat(outcome).isEqualTo(Outcome.WELL);
      } else {
        assertThat(outcome).isInstanceOf(Failing.class);
        assertThat("Failing: " + ((Failing) outcome).reason()).startsWith(one.expected());
      }
      // What is in the kernel's buffers of both sides was not read.
      assertThat(served.written()).isLessThan(64 << 20);
    }
  }

  @Test
  void asksAsTheCheckSays() throws IOException {
    BlockingQueue<String> requests = new LinkedBlockingQueue<>();
    try (Served served =
        Served.by(
            talk -> {
              requests.add(talk.request());
              talk.say(OK);
            })) {
      assertThat(tries.of("http,path=/well?a=b,host=shop.example", served.port()))
          .isEqualTo(Outcome.WELL);
      assertThat(requests.remove())
          .startsWith("GET /well?a=b HTTP/1.1\r\nHost: shop.example\r\n")
          .contains("\r\nConnection: close\r\n")
          .endsWith("\r\n\r\n");
      assertThat(tries.of("http", served.port())).isEqualTo(Outcome.WELL);
      assertThat(requests.remove())
          .startsWith("GET / HTTP/1.1\r\nHost: 127.0.0.1:" + served.port() + "\r\n");
    }
  }

  @Test
  void nobodyThereIsDead() throws IOException {
    try (Socket bound = new Socket()) { // and not listening: nobody else can have the port
      bound.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = bound.getLocalPort();
      assertThat(tries.of("tcp", port)).isEqualTo(new Dead("connection refused"));
      assertThat(tries.of("http", port)).isEqualTo(new Dead("connection refused"));
      assertThat(tries.of("grpcs", port)).isEqualTo(new Dead("connection refused"));
    }
  }

  @Test
  void aBackendThatTakesNoConnectionInTimeIsDead() throws IOException {
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      List<SocketChannel> filling = new ArrayList<>();
      try {
        for (int i = 0; i < 4; i++) { // the queue has room for two; then SYNs are dropped
          SocketChannel one = SocketChannel.open();
          one.configureBlocking(false);
          boolean _ = one.connect(full.getLocalSocketAddress());
          filling.add(one);
        }
        assertThat(tries.of("http,timeout=200ms", full.getLocalPort()))
            .isEqualTo(new Dead("no connection within 200 ms"));
      } finally {
        for (SocketChannel one : filling) {
          one.close();
        }
      }
    }
  }

  @Test
  void anAddressThatCannotBeReachedIsDeadOrOfThisMachine() {
    // Which of the two depends on the machine's routes, but it is never "failing".
    assertThat(
            tries.of(
                Tries.marked(
                    "tcp,timeout=100ms",
                    new InetSocketAddress(InetAddress.ofLiteral("255.255.255.255"), 9),
                    0)))
        .isInstanceOfAny(Dead.class, Untried.class);
  }

  /** HAProxy's proxy-protocol.txt, sections 2.1 and 2.2. */
  @ParameterizedTest
  @CsvSource({
    "V1, 50524F585920554E4B4E4F574E0D0A", // PROXY UNKNOWN
    "V2, 0D0A0D0A000D0A515549540A20000000", // version 2 and LOCAL, no family, no bytes more
  })
  void aHeaderSaysThatNobodyIsBehindTheCheck(ProxyProtocol form, String expected)
      throws IOException {
    HexFormat hex = HexFormat.of().withUpperCase();
    try (Served served =
        Served.by(
            talk -> {
              byte[] header = talk.socket().getInputStream().readNBytes(expected.length() / 2);
              if (hex.formatHex(header).equals(expected) && talk.request().startsWith("GET /")) {
                talk.say(OK);
              }
            })) {
      assertThat(tries.of(Tries.proxied(form, "http,timeout=1s", served.port())))
          .isEqualTo(Outcome.WELL);
      assertThat(tries.of("http" + QUICK, served.port())).isInstanceOf(Failing.class);
      assertThat(tries.of(Tries.proxied(form, "tcp,timeout=1s", served.port())))
          .isEqualTo(Outcome.WELL);
    }
  }

  @Test
  void connectionsEndWithAReset() throws IOException, InterruptedException {
    BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    try (Served served =
        Served.by(
            talk -> {
              try {
                talk.hang();
                ends.add("closed");
              } catch (IOException e) {
                ends.add(String.valueOf(e.getMessage()));
              }
            })) {
      assertThat(tries.of("http" + QUICK, served.port())).isInstanceOf(Failing.class);
      assertThat(ends.poll(20, java.util.concurrent.TimeUnit.SECONDS)).contains("reset");
    }
  }

  @Test
  void anAttemptThatIsAbandonedEndsItsConnection() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Target target = Tries.target("http", server.getLocalPort());
      Attempt attempt = tries.begun(target);
      try (Socket connection = server.accept()) {
        tries.run(attempt::abandon);
        connection.setSoTimeout(20_000);
        assertThat(connection.getInputStream())
            .satisfies(
                in -> {
                  try {
                    byte[] all = in.readAllBytes();
                    assertThat(new String(all, java.nio.charset.StandardCharsets.US_ASCII))
                        .startsWith("GET /");
                  } catch (IOException e) {
                    assertThat(e).hasMessageContaining("reset");
                  }
                });
      }
    }
  }
}
