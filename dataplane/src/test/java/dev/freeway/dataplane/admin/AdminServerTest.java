package dev.freeway.dataplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that are slow, greedy or many: they are cut off, and the others are served. */
@Timeout(60)
final class AdminServerTest {
  private static final int LIMIT = 64;
  private static final int LARGE = 32 << 20; // more than sockets buffer

  private final List<Socket> clients = new ArrayList<>();
  private final AtomicInteger made = new AtomicInteger();
  private AdminServer server;

  @AfterEach
  void end() throws IOException {
    server.close();
    for (Socket client : clients) {
      client.close();
    }
  }

  private void start(int timeoutSeconds) throws IOException {
    server =
        AdminServer.start(
            new InetSocketAddress("127.0.0.1", 0),
            Map.of(
                "/small",
                () -> Page.text(200, "small"),
                "/large",
                () -> {
                  made.incrementAndGet();
                  return Page.text(200, "l".repeat(LARGE));
                }),
            timeoutSeconds);
  }

  private Socket connect() throws IOException {
    Socket client = new Socket(server.address().getAddress(), server.address().getPort());
    client.setSoTimeout(100);
    clients.add(client);
    return client;
  }

  private static void send(Socket client, String text) throws IOException {
    client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void ask(Socket client, String path) throws IOException {
    send(client, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
  }

  /** The first line of an answer, or nothing when the connection ended. */
  private static String answer(Socket client) throws IOException {
    InputStream in = client.getInputStream();
    StringBuilder line = new StringBuilder();
    while (true) {
      try {
        int next = in.read();
        if (next < 0 || next == '\r') {
          return line.toString();
        }
        line.append((char) next);
      } catch (SocketTimeoutException _) {
        // the test's own time-out bounds it
      } catch (IOException _) {
        return line.toString(); // reset
      }
    }
  }

  /** The answer to a request on a connection that may be closed already. */
  private static String answerIfAny(Socket client) throws IOException {
    try {
      ask(client, "/small");
    } catch (IOException _) {
      return "";
    }
    return answer(client);
  }

  /** Whether the connection ended, as reading says within the client's time-out. */
  private static boolean ended(Socket client) {
    try {
      return client.getInputStream().read() < 0;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }

  @Test
  void aSilentClientIsCutOff() throws IOException {
    start(1);
    Socket client = connect();
    Await.until(() -> "still connected", () -> ended(client));
  }

  @Test
  void aClientThatSendsAByteAtATimeIsCutOff() throws IOException {
    start(1);
    Socket client = connect();
    send(client, "GET /small HTTP/1.1\r\nX: ");
    Await.until(
        () -> "still connected",
        () -> {
          try {
            send(client, "x");
          } catch (IOException _) {
            return true;
          }
          return ended(client);
        });
  }

  @Test
  void aClientThatDoesNotTakeItsAnswerIsCutOff() throws IOException {
    start(1);
    Socket client = connect();
    ask(client, "/large");
    Await.until(
        () -> "still connected",
        () -> {
          try {
            send(client, "x"); // what is not read yet is still there: only writing tells
            return false;
          } catch (IOException _) {
            return true;
          }
        });
  }

  @Test
  void aClientThatAsksOnWithoutTakingAnswersGetsNoMoreMade() throws IOException {
    start(20);
    Socket client = connect();
    ask(client, "/large");
    Await.until(() -> "not made", () -> made.get() > 0);
    Await.until(
        () -> "still connected",
        () -> {
          try {
            ask(client, "/large");
            return false;
          } catch (IOException _) {
            return true;
          }
        });
    assertThat(made).hasValue(1);
  }

  @Test
  void oneConnectionTooManyIsClosedAndTheOthersAreServed() throws IOException {
    start(30);
    for (int i = 0; i < LIMIT; i++) {
      Socket client = connect();
      ask(client, "/small");
      assertThat(answer(client)).as("connection %d", i).isEqualTo("HTTP/1.1 200 OK");
    }
    assertThat(answerIfAny(connect())).isEmpty();
    clients.getFirst().close();
    Socket next = connect();
    while (!answerIfAny(next).equals("HTTP/1.1 200 OK")) { // it has not noticed yet
      next = connect();
    }
  }
}
