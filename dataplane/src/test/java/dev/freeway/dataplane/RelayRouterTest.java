package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code run --dataplane relay} as a whole, between real sockets. */
@Timeout(60)
class RelayRouterTest {
  @TempDir Path directory;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final List<ServerSocket> backends = new ArrayList<>();
  private Router router;
  private int port;

  @AfterEach
  void end() throws IOException {
    router.close();
    for (ServerSocket backend : backends) {
      backend.close();
    }
  }

  private static InetAddress loopback(int last) {
    return InetAddress.ofLiteral("127.0.0." + last);
  }

  /** Says its number to whoever comes. */
  private void backend(int last, int itsPort) throws IOException {
    ServerSocket listening = new ServerSocket(itsPort, 50, loopback(last));
    backends.add(listening);
    Thread.ofVirtual()
        .start(
            () -> {
              while (!listening.isClosed()) {
                try (Socket client = listening.accept()) {
                  client.getOutputStream().write('0' + last);
                } catch (IOException _) {
                  return;
                }
              }
            });
  }

  private void manifest(String endpoints) throws IOException {
    manifest(endpoints, "127.0.0.0/8");
  }

  private void manifest(String endpoints, String ranges) throws IOException {
    Path next = directory.resolve("next");
    Files.writeString(
        next,
        RelayManifest.web(port, backends.getFirst().getLocalPort())
            .to(endpoints)
            .from(ranges)
            .yaml());
    Files.move(next, directory.resolve("web.yaml"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private void start() {
    router = RouterFixture.relayIn(directory, log, "--max-shrink", "100%");
  }

  /** Who answers ten connections. */
  private String answers() {
    TreeSet<Character> answers = new TreeSet<>();
    for (int i = 0; i < 10; i++) {
      try (Socket client = new Socket()) {
        client.setSoTimeout(10_000);
        client.connect(new InetSocketAddress(loopback(1), port));
        int answer = client.getInputStream().read();
        answers.add(answer < 0 ? '-' : (char) answer);
      } catch (IOException e) {
        answers.add('!');
      }
    }
    StringBuilder text = new StringBuilder();
    answers.forEach(text::append);
    return text.toString();
  }

  private void until(String expected) {
    Await.until(
        () -> answers() + ", not " + expected + "\n" + log.toString(StandardCharsets.UTF_8),
        () -> answers().equals(expected));
  }

  @BeforeEach
  void begin() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, loopback(1))) {
      port = free.getLocalPort();
    }
    backend(2, 0);
    backend(3, backends.getFirst().getLocalPort());
    manifest("{addresses: [127.0.0.2]}, {addresses: [127.0.0.3]}");
    start();
  }

  @Test
  void aRelayAnswersNoNeighbours() {
    assertThatThrownBy(
            () -> Arguments.parse("test", "run", "--dataplane", "relay", "--announce", "l2"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("none beside --dataplane relay");
  }

  @Test
  void whatTheManifestsSayIsRelayedAndFollowed() throws IOException {
    until("23");
    manifest("{addresses: [127.0.0.3]}");
    until("3");
    manifest("{addresses: [127.0.0.2]}, {addresses: [127.0.0.3], conditions: {ready: false}}");
    until("2");
    manifest("{addresses: [127.0.0.2]}", "192.0.2.0/24");
    until("!");
    manifest("{addresses: [127.0.0.2]}", "192.0.2.0/24, 127.0.0.1/32");
    until("2");
    assertThat(log.toString(StandardCharsets.UTF_8)).doesNotContain("\"level\":\"error\"");
  }
}
