package dev.freeway.dataplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What followers are told, how many there are, and whose pages may ask. */
@Timeout(60)
final class EventsTest {
  private static final int LONG = 60;

  private final AtomicInteger asked = new AtomicInteger();
  private volatile String whole = "{\"whole\":0}";

  private AdminServer start(int timeoutSeconds) throws IOException {
    Feed feed =
        new Feed() {
          @Override
          public Optional<String> changes() {
            return Optional.of("{\"change\":" + asked.incrementAndGet() + "}");
          }

          @Override
          public String whole() {
            return whole;
          }
        };
    return AdminServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Map.of("/", FrontPage::load, "/healthz", () -> Page.text(200, "ok")),
        feed,
        address -> false,
        timeoutSeconds);
  }

  /** A client that follows; it reads line by line. */
  private record Follower(Socket socket, BufferedReader lines) implements AutoCloseable {
    static Follower of(AdminServer server, String... headers) throws IOException {
      Socket socket = new Socket();
      socket.setReceiveBufferSize(4096);
      socket.setSoTimeout(20_000);
      socket.connect(server.address());
      String request =
          "GET /events HTTP/1.1\r\nHost: localhost\r\n"
              + String.join("", List.of(headers))
              + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new Follower(
          socket,
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)));
    }

    /** The next line that begins so. */
    String next(String begin) throws IOException {
      String line = lines.readLine();
      while (line != null && !line.startsWith(begin)) {
        line = lines.readLine();
      }
      return String.valueOf(line);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static String ask(AdminServer server, String request) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(20_000);
      socket.connect(server.address());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String request(String method, String path, String... headers) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        + String.join("", headers)
        + "\r\n";
  }

  @Test
  void atTheEndFollowersAreLetGoOf() throws IOException {
    for (int i = 0; i < 20; i++) {
      AdminServer server = start(LONG);
      try (Follower follower = Follower.of(server)) {
        assertThat(follower.next("event")).isEqualTo("event: whole");
        server.close();
        assertThat(follower.next("nothing more")).isEqualTo("null");
      }
    }
  }

  @Test
  void theWholeIsToldFirstAndThenEachChange() throws IOException {
    try (AdminServer server = start(LONG);
        Follower follower = Follower.of(server)) {
      assertThat(follower.next("HTTP/1.1")).isEqualTo("HTTP/1.1 200 OK");
      assertThat(follower.next("content-type")).contains("text/event-stream");
      assertThat(follower.next("retry:")).isEqualTo("retry: 2000");
      assertThat(follower.lines.readLine()).isEqualTo("event: whole");
      assertThat(follower.lines.readLine()).isEqualTo("data: {\"whole\":0}");
      assertThat(follower.lines.readLine()).isEmpty();
      assertThat(follower.lines.readLine()).isEqualTo("event: change");
      assertThat(follower.lines.readLine()).isEqualTo("data: {\"change\":2}");
      assertThat(follower.next("data: ")).isEqualTo("data: {\"change\":3}");
    }
  }

  @Test
  void aNinthIsRefusedUntilOneOfTheOthersLeaves() throws IOException {
    List<Follower> followers = new ArrayList<>();
    try (AdminServer server = start(LONG)) {
      for (int i = 0; i < 8; i++) {
        followers.add(Follower.of(server));
        assertThat(followers.getLast().next("event")).isEqualTo("event: whole");
      }
      assertThat(ask(server, request("GET", "/events")))
          .startsWith("HTTP/1.1 503")
          .endsWith("8 clients follow already, and no more can: end one of them\n");
      followers.getFirst().close();
      Await.until(
          () -> "no room",
          () -> {
            try (Follower next = Follower.of(server)) {
              return next.next("HTTP/1.1").contains("200");
            } catch (IOException e) {
              return false;
            }
          });
    } finally {
      for (Follower follower : followers) {
        follower.close();
      }
    }
  }

  /** Whoever opens many connections ends others that ask nothing, but not those that follow. */
  @Test
  void followersAreNotCountedAmongTheConnections() throws IOException {
    List<Socket> idle = new ArrayList<>();
    try (AdminServer server = start(LONG);
        Follower follower = Follower.of(server)) {
      assertThat(follower.next("event")).isEqualTo("event: whole");
      for (int i = 0; i < 70; i++) {
        idle.add(new Socket(server.address().getAddress(), server.address().getPort()));
      }
      assertThat(ask(server, request("GET", "/healthz"))).startsWith("HTTP/1.1 200");
      assertThat(follower.next("event")).isEqualTo("event: change");
    } finally {
      for (Socket socket : idle) {
        socket.close();
      }
    }
  }

  @Test
  void oneThatDoesNotTakeItsBytesIsDropped() throws IOException {
    whole = "x".repeat(16 << 20);
    try (AdminServer server = start(2);
        Follower slow = Follower.of(server)) {
      assertThat(slow.next("HTTP/1.1")).contains("200");
      Await.until(() -> "no tick", () -> asked.get() == 3); // as it came, then two in vain
      // Ticks end with the last follower; what the kernel had taken is still to be read.
      int read = 0;
      int bytes = slow.lines.read(new char[8192]);
      while (bytes >= 0) {
        read += bytes;
        bytes = readOrEnd(slow);
      }
      assertThat(read).isLessThan(16 << 20);
    }
  }

  private static int readOrEnd(Follower follower) {
    try {
      return follower.lines.read(new char[1 << 16]);
    } catch (java.net.SocketTimeoutException e) {
      throw new AssertionError("it is still connected", e);
    } catch (IOException e) {
      return -1; // reset
    }
  }

  @Test
  void oneThatFellBehindIsToldTheWholeAgain() throws IOException {
    whole = "x".repeat(16 << 20);
    try (AdminServer server = start(LONG);
        Follower slow = Follower.of(server)) {
      Await.until(() -> "no tick", () -> asked.get() > 3);
      assertThat(slow.next("event")).isEqualTo("event: whole");
      assertThat(slow.lines.readLine()).hasSize("data: ".length() + (16 << 20));
      assertThat(slow.next("event")).isEqualTo("event: whole");
    }
  }

  @Test
  void oneThatAsksForMoreIsCutOff() throws IOException {
    try (AdminServer server = start(LONG);
        Follower follower = Follower.of(server)) {
      assertThat(follower.next("event")).isEqualTo("event: whole");
      follower
          .socket
          .getOutputStream()
          .write(request("GET", "/healthz").getBytes(StandardCharsets.US_ASCII));
      assertThat(follower.next("never")).isEqualTo("null");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/events, none, navigate, document, 200",
    "/events, same-origin, cors, empty, 200",
    "/events, same-site, cors, empty, 403",
    "/events, cross-site, no-cors, empty, 403",
    "/events, cross-site, navigate, document, 403",
    "/healthz, cross-site, no-cors, script, 403",
    "/healthz, cross-site, navigate, iframe, 403",
    "/healthz, cross-site, navigate, document, 200",
    "/healthz, cross-site, cors, document, 403",
    "/healthz, same-origin, cors, empty, 200"
  })
  void anotherSitesPageMayOnlyLeadHere(
      String path, String site, String mode, String goal, String status) throws IOException {
    try (AdminServer server = start(LONG);
        Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.setSoTimeout(20_000);
      String headers =
          "Sec-Fetch-Site: "
              + site
              + "\r\nSec-Fetch-Mode: "
              + mode
              + "\r\nSec-Fetch-Dest: "
              + goal
              + "\r\n";
      socket
          .getOutputStream()
          .write(request("GET", path, headers).getBytes(StandardCharsets.US_ASCII));
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(lines.readLine()).startsWith("HTTP/1.1 " + status);
    }
  }

  @Test
  void nothingButGetAndHeadIsServed() throws IOException {
    try (AdminServer server = start(LONG)) {
      for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
        assertThat(ask(server, request(method, "/events"))).startsWith("HTTP/1.1 405");
        assertThat(ask(server, request(method, "/"))).startsWith("HTTP/1.1 405");
      }
      assertThat(ask(server, request("HEAD", "/events")))
          .startsWith("HTTP/1.1 200")
          .contains("text/event-stream")
          .endsWith("\r\n\r\n");
      assertThat(
              ask(
                  server,
                  "GET /events HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 421");
      assertThat(asked).hasValue(0);
    }
  }

  @Test
  void aBrowserMayRunNothingButWhatThePageHasItself() throws Exception {
    try (AdminServer server = start(LONG)) {
      String answer = ask(server, request("GET", "/"));
      assertThat(answer)
          .startsWith("HTTP/1.1 200")
          .contains("X-Content-Type-Options: nosniff")
          .contains("Referrer-Policy: no-referrer")
          .contains("frame-ancestors 'none'")
          .contains("default-src 'none'")
          .contains("script-src " + hash(answer, "script") + ";")
          .contains("style-src " + hash(answer, "style") + ";")
          .doesNotContain("unsafe-");
      assertThat(ask(server, request("GET", "/healthz")))
          .contains("X-Content-Type-Options: nosniff")
          .contains("default-src 'none'; frame-ancestors 'none'");
    }
  }

  @Test
  void thePageHasNothingFromElsewhereAndPutsInTextAlone() throws IOException {
    try (AdminServer server = start(LONG)) {
      String page = ask(server, request("GET", "/"));
      assertThat(page.replace("http://www.w3.org/2000/svg", ""))
          .doesNotContain("http://", "https://", "src=", "@import", "url(");
      assertThat(page)
          .doesNotContain(
              "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(");
    }
  }

  private static String hash(String page, String element) throws Exception {
    int from = page.indexOf("<" + element + ">") + element.length() + 2;
    String content = page.substring(from, page.indexOf("</" + element + ">"));
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
    return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
  }
}
