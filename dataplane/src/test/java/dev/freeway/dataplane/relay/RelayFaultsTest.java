package dev.freeway.dataplane.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A hundred connections at once, and a seeded schedule of what goes wrong with them. Every byte
 * that arrives is one that was sent, in its place; where nothing goes wrong, all of them arrive.
 */
@Timeout(120)
class RelayFaultsTest {
  private static final int CONNECTIONS = 100;
  private static final int LARGEST = 1_500_000;

  private enum Fault {
    NONE,
    CLIENT_READS_LITTLE,
    BACKEND_READS_LITTLE,
    CLIENT_WRITES_BYTE_BY_BYTE,
    BACKEND_WRITES_BYTE_BY_BYTE,
    CLIENT_RESETS,
    BACKEND_RESETS,
    BACKEND_HANGS,
    CLIENT_HANGS;

    boolean completes() {
      return compareTo(CLIENT_RESETS) < 0;
    }
  }

  private static final List<Fault> FAULTS = List.of(Fault.values());

  /** What one side says in a connection: so many bytes, which its number determines. */
  private record Speech(long seed, int bytes) {
    long checksum(long first) {
      CRC32C sum = new CRC32C();
      SplittableRandom random = new SplittableRandom(seed);
      byte[] piece = new byte[8192];
      for (long left = first; left > 0; left -= Math.min(left, piece.length)) {
        random.nextBytes(piece);
        sum.update(piece, 0, (int) Math.min(left, piece.length));
      }
      return sum.getValue();
    }

    /** Says the first so many, in pieces that no reader expects. */
    void say(OutputStream out, int first, int most) throws IOException {
      SplittableRandom random = new SplittableRandom(seed);
      SplittableRandom pieces = new SplittableRandom(~seed);
      byte[] piece = new byte[8192];
      for (int said = 0; said < first; said += piece.length) {
        random.nextBytes(piece);
        int end = Math.min(piece.length, first - said);
        for (int at = 0; at < end; ) {
          int length = Math.min(end - at, 1 + pieces.nextInt(most));
          out.write(piece, at, length);
          at += length;
        }
      }
    }
  }

  /** What one side heard. */
  private record Heard(long bytes, long checksum) {}

  private static final Heard NOTHING = new Heard(0, 0);

  private record Connection(int number, Fault fault, Speech client, Speech backend) {
    static Connection of(long seed, int number) {
      SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
      Fault fault = FAULTS.get(random.nextInt(FAULTS.size()));
      int most = fault.name().endsWith("BYTE_BY_BYTE") ? 2000 : LARGEST;
      return new Connection(
          number,
          fault,
          new Speech(random.nextLong(), 1 + random.nextInt(most)),
          new Speech(random.nextLong(), 1 + random.nextInt(most)));
    }
  }

  private final RelayTable table = RelayTable.open(System::nanoTime, _ -> {});
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<Integer, Heard> heardByBackend = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> over = new CompletableFuture<>();
  private final List<ServerSocket> listening = new ArrayList<>();
  private ServiceKey service;
  private long seed;

  @AfterEach
  void end() throws IOException {
    over.complete(null);
    for (ServerSocket one : listening) {
      one.close();
    }
    table.close();
    threads.shutdownNow();
  }

  private static InetAddress loopback(int last) {
    return InetAddress.ofLiteral("127.0.0." + last);
  }

  @BeforeEach
  void begin() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, loopback(1))) {
      port = free.getLocalPort();
    }
    service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), port);
    execute(new Command.AddService(VirtualService.of(service, new Scheduler("rr", false, false))));
    for (int last = 2; last < 5; last++) {
      ServerSocket one = new ServerSocket(0, CONNECTIONS, loopback(last));
      listening.add(one);
      threads.execute(() -> accept(one));
      DestinationKey key =
          new DestinationKey(IpAddress.parse("127.0.0." + last), one.getLocalPort());
      execute(new Command.AddDestination(service, Destination.of(key, Forwarding.NAT, 1)));
    }
  }

  private void execute(Command command) {
    assertThat(table.execute(List.of(command))).containsExactly(Answer.DONE);
  }

  private void accept(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket client = from.accept();
        threads.execute(() -> serve(client));
      } catch (IOException _) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      int number = new DataInputStream(socket.getInputStream()).readInt();
      Connection connection = Connection.of(seed, number);
      switch (connection.fault()) {
        case BACKEND_HANGS -> over.join();
        case BACKEND_RESETS -> {
          Speech speech = connection.backend();
          speech.say(socket.getOutputStream(), speech.bytes() / 2, 5000);
          socket.setSoLinger(true, 0);
        }
        default -> {
          Future<?> saying =
              threads.submit(
                  () -> {
                    Speech speech = connection.backend();
                    speech.say(
                        socket.getOutputStream(),
                        speech.bytes(),
                        connection.fault() == Fault.BACKEND_WRITES_BYTE_BY_BYTE ? 1 : 60_000);
                    socket.shutdownOutput();
                    return null;
                  });
          int pieces = connection.fault() == Fault.BACKEND_READS_LITTLE ? 500 : 50_000;
          heardByBackend.put(number, hear(socket.getInputStream(), pieces));
          if (connection.fault().completes()) {
            saying.get();
          }
        }
      }
    } catch (Exception _) {
      // what was heard until then is what counts
    }
  }

  /** All that comes, until the end or a reset. */
  private static Heard hear(InputStream in, int most) {
    CRC32C sum = new CRC32C();
    byte[] piece = new byte[most];
    long bytes = 0;
    try {
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        sum.update(piece, 0, read);
        bytes += read;
      }
    } catch (IOException _) {
      // a reset
    }
    return new Heard(bytes, sum.getValue());
  }

  private Heard talk(Connection connection) throws Exception {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(loopback(1), service.port()));
      OutputStream out = socket.getOutputStream();
      out.write(ByteBuffer.allocate(4).putInt(connection.number()).array());
      Speech speech = connection.client();
      return switch (connection.fault()) {
        case CLIENT_RESETS -> {
          speech.say(out, speech.bytes() / 2, 5000);
          socket.setSoLinger(true, 0);
          yield NOTHING;
        }
        case CLIENT_HANGS -> {
          over.join();
          yield NOTHING;
        }
        case BACKEND_HANGS -> {
          speech.say(out, Math.min(speech.bytes(), 10_000), 5000);
          socket.setSoLinger(true, 0);
          yield NOTHING;
        }
        default -> {
          Future<?> saying =
              threads.submit(
                  () -> {
                    speech.say(
                        out,
                        speech.bytes(),
                        connection.fault() == Fault.CLIENT_WRITES_BYTE_BY_BYTE ? 1 : 60_000);
                    socket.shutdownOutput();
                    return null;
                  });
          int pieces = connection.fault() == Fault.CLIENT_READS_LITTLE ? 500 : 50_000;
          Heard heard = hear(socket.getInputStream(), pieces);
          if (connection.fault().completes()) {
            saying.get();
          }
          yield heard;
        }
      };
    }
  }

  private static void check(String what, Heard heard, Speech said, boolean all) {
    assertThat(heard.bytes()).as(what).isLessThanOrEqualTo(said.bytes());
    if (all) {
      assertThat(heard.bytes()).as(what).isEqualTo(said.bytes());
    }
    assertThat(heard.checksum()).as(what).isEqualTo(said.checksum(heard.bytes()));
  }

  private List<ObservedDestination> members() {
    return table.find(service).orElseThrow().destinations();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whateverGoesWrongNoByteIsLostOrInvented(long schedule) throws Exception {
    seed = schedule;
    Map<Connection, Future<Heard>> talking = new HashMap<>();
    for (int number = 0; number < CONNECTIONS; number++) {
      Connection connection = Connection.of(seed, number);
      talking.put(connection, threads.submit(() -> talk(connection)));
    }
    assertThat(talking.keySet()).extracting(Connection::fault).contains(Fault.values());
    for (Connection connection : talking.keySet()) {
      if (connection.fault() != Fault.CLIENT_HANGS) {
        Heard heard = talking.get(connection).get();
        if (heard.bytes() > 0) {
          String what = "to the client: " + connection;
          check(what, heard, connection.backend(), connection.fault().completes());
        }
      }
    }
    over.complete(null);
    Await.until(
        () -> members().toString(),
        () ->
            members().stream()
                .allMatch(one -> one.activeConnections() == 0 && one.inactiveConnections() == 0));
    for (Connection connection : talking.keySet()) {
      Heard heard = heardByBackend.get(connection.number());
      if (connection.fault().completes()) {
        Await.until(connection::toString, () -> heardByBackend.containsKey(connection.number()));
        heard = heardByBackend.get(connection.number());
      }
      if (heard != null) {
        String what = "to the backend: " + connection;
        check(what, heard, connection.client(), connection.fault().completes());
      }
    }
  }
}
