package dev.freeway.dataplane.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.Echo;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More connections than a relay can have: it keeps those it has, and takes others when it can. */
@Timeout(120)
class RelayLimitsTest {
  private final List<SocketChannel> clients = new ArrayList<>();
  private Echo backend;
  private Selector answers;
  private int answered;
  private int port;

  private static InetAddress loopback(int last) {
    return InetAddress.ofLiteral("127.0.0." + last);
  }

  @BeforeEach
  void begin() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, loopback(1))) {
      port = free.getLocalPort();
    }
    answers = Selector.open();
    backend = new Echo(2);
  }

  @AfterEach
  void end() throws IOException {
    for (SocketChannel client : clients) {
      client.close();
    }
    backend.close();
    answers.close();
  }

  private RelayProcess relay(int descriptors, String heap, int most) throws IOException {
    RelayProcess relay =
        new RelayProcess(
            descriptors,
            heap,
            most,
            port,
            new DestinationKey(IpAddress.parse("127.0.0.2"), backend.port()));
    Await.until(() -> "listens " + relay.lines(), () -> !relay.lines().isEmpty());
    return relay;
  }

  /** Opens a connection that asks for one answer. */
  private void ask() throws IOException {
    SocketChannel client = SocketChannel.open(new InetSocketAddress(loopback(1), port));
    clients.add(client);
    client.write(ByteBuffer.wrap(new byte[] {'?'}));
    client.configureBlocking(false).register(answers, SelectionKey.OP_READ);
  }

  /** How many have an answer by now. */
  private int answered() {
    try {
      answers.selectNow(
          key -> {
            try {
              assertThat(((SocketChannel) key.channel()).read(ByteBuffer.allocate(1))).isEqualTo(1);
              answered++;
            } catch (IOException e) {
              throw new AssertionError("the relay has not kept a connection", e);
            } finally {
              key.cancel();
            }
          });
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return answered;
  }

  private void untilAnswered(RelayProcess relay, int expected) {
    Await.until(
        Duration.ofSeconds(60),
        () -> answered + " answers, not " + expected + ": " + relay.lines(),
        () -> answered() >= expected);
  }

  @Test
  void withoutDescriptorsConnectionsWaitAndNothingSpins() throws Exception {
    try (RelayProcess relay = relay(250, "64m", 1 << 20)) {
      for (int i = 0; i < 200; i++) {
        ask();
      }
      Await.until(() -> relay.lines().toString(), () -> relay.lines().size() > 1);
      assertThat(relay.lines().get(1))
          .startsWith("no more connections for now")
          .contains("open files");
      long before = relay.processorNanos();
      try (Socket waits = new Socket()) {
        waits.connect(new InetSocketAddress(loopback(1), port));
        waits.setSoTimeout(1000);
        waits.getOutputStream().write('?');
        assertThatThrownBy(() -> assertThat(waits.getInputStream().read()).isNegative())
            .isInstanceOf(SocketTimeoutException.class);
        assertThat(Duration.ofNanos(relay.processorNanos() - before))
            .isLessThan(Duration.ofMillis(500));
        waits.setSoTimeout(60_000);
        int kept = clients.size();
        for (SocketChannel client : clients) {
          client.close();
        }
        assertThat(waits.getInputStream().read()).as("after %s left", kept).isEqualTo('?');
      }
      assertThat(relay.lines()).as("said once").hasSize(2);
      assertThat(relay.isAlive()).isTrue();
    }
  }

  @Test
  void moreThanASmallHeapHoldsWaitInTheKernelsQueue() throws Exception {
    // 12 MiB are enough for 6,144 connections; and many more come.
    try (RelayProcess relay = relay(16_000, "12m", 0)) {
      int asked = Capacity.most(12 << 20, 16_000) + 500;
      for (int i = 0; i < asked; i++) {
        ask();
      }
      Await.until(() -> relay.lines().toString(), () -> relay.lines().size() > 1);
      assertThat(relay.lines().get(1)).contains(" connections are as many as heap and");
      int most = Integer.parseInt(relay.lines().get(1).split(" ", 2)[0]);
      assertThat(most).isBetween(asked / 2, asked - 500);
      untilAnswered(relay, most);
      assertThat(answered()).isEqualTo(most);
      for (SocketChannel client : clients.subList(0, asked - most)) {
        client.close();
      }
      untilAnswered(relay, asked);
      assertThat(relay.lines()).as("said once").hasSize(2);
      assertThat(relay.isAlive()).isTrue();
    }
  }

  @Test
  void thereIsRoomForWhatHeapAndDescriptorsAllow() {
    assertThat(Capacity.most(192 << 20, 1 << 20)).isEqualTo(98_304);
    assertThat(Capacity.most(192 << 20, 1024)).isEqualTo(412);
    assertThat(Capacity.most(192 << 20, 20_000)).isEqualTo(9420);
    for (int descriptors : new int[] {512, 1024, 4096, 20_000, 65_536}) {
      int rest = descriptors - 2 * Capacity.most(1L << 40, descriptors);
      assertThat(rest - Capacity.checks(descriptors)).as("beside checks").isBetween(136, 137);
    }
    assertThat(Capacity.most(192 << 20, 100)).isEqualTo(1);
  }
}
