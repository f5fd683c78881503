package dev.freeway.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A backend that takes nothing without a header of the PROXY protocol, and its checks. */
@Timeout(60)
class ProxyHealthRouterTest {
  @TempDir Path directory;
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final Queue<String> headers = new ConcurrentLinkedQueue<>();
  private volatile boolean wants = true;

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString().strip();
  }

  private void serve(ServerSocket listening) {
    while (!listening.isClosed()) {
      try (Socket one = listening.accept()) {
        one.setSoTimeout(5_000);
        InputStream in = one.getInputStream();
        String first = line(in);
        headers.add(first);
        if (first.startsWith("PROXY ") == wants) {
          String line = line(in);
          while (!line.isEmpty()) {
            line = line(in);
          }
          one.getOutputStream()
              .write("HTTP/1.0 200 OK\r\n\r\nwell".getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException _) {
        // a check ends with a reset; or the test is over
      }
    }
  }

  private String logged() {
    return log.toString(StandardCharsets.UTF_8);
  }

  private static String ask(int port) {
    try (Socket client = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
      client.setSoTimeout(10_000);
      client.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void checksSendTheHeaderThatTheBackendExpects() throws Exception {
    int port = RelayFixture.freePort();
    try (ServerSocket listening = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.2"))) {
      Thread _ = Thread.ofVirtual().start(() -> serve(listening));
      Files.writeString(
          directory.resolve("web.yaml"),
          RelayManifest.web(port, listening.getLocalPort(), 2)
              .annotated(
                  """
                  freeway.dev/proxy-protocol: v1
                      freeway.dev/panic-threshold: "100%"
                      freeway.dev/health-check: "http,interval=100ms,timeout=100ms,rise=1,fall=1"\
                  """)
              .yaml());
      try (Router router = RouterFixture.relayIn(directory, log)) {
        Await.until(
            this::logged, () -> headers.stream().filter("PROXY UNKNOWN"::equals).count() > 5);
        assertThat(ask(port)).as(logged()).endsWith("well");
        assertThat(logged()).doesNotContain("out by its health check", "its check (http)");
        assertThat(headers).anyMatch(header -> header.startsWith("PROXY TCP4 127.0.0.1 127.0.0.1"));
        wants = false;
        Await.until(this::logged, () -> logged().contains("its check (http): "));
        assertThat(router.address().getPort()).isPositive();
      }
    }
  }
}
