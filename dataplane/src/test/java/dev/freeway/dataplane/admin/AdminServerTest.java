package dev.freeway.dataplane.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that mean no good, over loopback. */
final class AdminServerTest {
  private static final int LONG = 60;

  private static final Feed FEED =
      new Feed() {
        @Override
        public Optional<String> changes() {
          return Optional.empty();
        }

        @Override
        public String whole() {
          return "{}";
        }
      };

  private final AtomicInteger made = new AtomicInteger();

  private AdminServer start(int timeoutSeconds) throws IOException {
    byte[] large = new byte[16 << 20];
    return AdminServer.start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Map.of(
            "/healthz",
            () -> Page.text(200, "ok"),
            "/state",
            () -> {
              made.incrementAndGet();
              return new Page(200, "application/json", large);
            }),
        FEED,
        address -> false,
        timeoutSeconds);
  }

  /** As the process that takes over from this one. */
  @Test
  void anotherOneCanListenThereWhenItIsClosed() throws IOException {
    for (int i = 0; i < 100; i++) {
      AdminServer server = start(LONG);
      InetSocketAddress address = server.address();
      server.close();
      AdminServer.start(address, Map.of(), FEED, _ -> false, LONG).close();
    }
  }

  /** With --listen=0.0.0.0 the services' addresses are among this machine's. */
  @Test
  void aServicesAddressIsNotListenedOnWhereAllAre() throws IOException {
    InetAddress service = InetAddress.ofLiteral("127.0.0.2");
    try (AdminServer server =
        AdminServer.start(
            new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0),
            Map.of("/healthz", () -> Page.text(200, "ok")),
            FEED,
            service::equals,
            LONG)) {
      int port = server.address().getPort();
      try (Socket own = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
        send(own, request("/healthz", "router"));
        assertThat((char) own.getInputStream().read()).isEqualTo('H');
      }
      assertThatThrownBy(
              () -> {
                try (Socket stranger = new Socket(service, port)) {
                  stranger.setSoTimeout(20_000);
                  send(stranger, request("/healthz", "router"));
                  assertThat(stranger.getInputStream().read()).isEqualTo(-2);
                }
              })
          .isInstanceOf(SocketException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
    }
  }

  private static Socket connect(AdminServer server) throws IOException {
    Socket client = new Socket();
    client.setReceiveBufferSize(4096);
    client.setSoTimeout(20_000);
    client.connect(server.address());
    return client;
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String request(String path, String host) {
    return "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
  }

  /** The answer up to the end of the connection or of the first line of its body. */
  private static String answer(AdminServer server, String request) throws IOException {
    try (Socket client = connect(server)) {
      send(client, request);
      StringBuilder answer = new StringBuilder();
      for (int c = client.getInputStream().read(); c >= 0; c = client.getInputStream().read()) {
        answer.append((char) c);
        int body = answer.indexOf("\r\n\r\n");
        if (c == '\n' && body >= 0 && answer.length() > body + 4) {
          break;
        }
      }
      return answer.toString();
    }
  }

  @Test
  void aPageIsMadeWhenTheAnswerBeforeIsWithTheClient() throws IOException {
    try (AdminServer server = start(LONG);
        Socket client = connect(server)) {
      send(client, request("/state", "127.0.0.1").repeat(20));
      assertThat(client.getInputStream().read()).isEqualTo('H');
      for (int i = 0; i < 10; i++) { // the server's one thread gets round to everything
        assertThat(answer(server, request("/healthz", "127.0.0.1"))).contains("200");
      }
      assertThat(made).hasValue(1);
      send(client, request("/state", "127.0.0.1"));
      assertThat(client.getInputStream().readNBytes(17 << 20)).hasSize(17 << 20);
      assertThat(made).hasValueGreaterThan(1);
    }
  }

  @Test
  void aClientThatSendsByteByByteIsCutOffAtTheDeadline() throws IOException {
    try (AdminServer server = start(1);
        Socket client = connect(server)) {
      client.setSoTimeout(100);
      boolean open = true;
      for (int i = 0; open && i < 200; i++) {
        open = sendsOneByte(client);
      }
      assertThat(open).isFalse();
    }
  }

  private static boolean sendsOneByte(Socket client) {
    try {
      send(client, "G");
      return client.getInputStream().read() >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void slowClientsDoNotKeepHealthFromBeingAsked() throws IOException {
    List<Socket> slow = new ArrayList<>();
    try (AdminServer server = start(LONG)) {
      for (int i = 0; i < 64; i++) {
        Socket client = connect(server);
        slow.add(client);
        send(client, "GET /he");
      }
      assertThat(answer(server, request("/healthz", "127.0.0.1"))).startsWith("HTTP/1.1 200");
      assertThat(slow.getFirst().getInputStream().read()).as("the oldest is gone").isEqualTo(-1);
      send(slow.getLast(), "althz HTTP/1.1\r\n\r\n");
      assertThat(slow.getLast().getInputStream().read()).isEqualTo('H');
    } finally {
      for (Socket client : slow) {
        client.close();
      }
    }
  }

  /** A large body is still on its way when the answer is: the client has to get it all the same. */
  @Test
  void aBodyIsRefusedAndItsClientGetsTheAnswer() throws IOException {
    try (AdminServer server = start(LONG);
        Socket client = connect(server)) {
      int bytes = 8 << 20;
      send(
          client,
          "POST /state HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + bytes + "\r\n\r\n");
      client.getOutputStream().write(new byte[bytes]);
      send(client, request("/healthz", "127.0.0.1")); // not served any more
      assertThat(new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 413")
          .containsOnlyOnce("HTTP/1.1");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 200",
    "127.0.0.1:10777, 200",
    "localhost:10777, 200",
    "[::1], 200",
    "[2001:db8::1]:10777, 200",
    "evil.example, 421",
    "evil.example:10777, 421",
    "127.0.0.1.evil.example, 421",
    "[evil], 421",
    "::1, 421"
  })
  void onlyAnAddressOrLocalhostIsAHost(String host, String status) throws IOException {
    try (AdminServer server = start(LONG)) {
      String answer = answer(server, request("/healthz", host));
      assertThat(answer).startsWith("HTTP/1.1 " + status);
      if (status.equals("421")) {
        assertThat(answer).endsWith(": expected an IP address or localhost\n").contains(host);
      }
    }
  }
}
