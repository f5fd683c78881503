package dev.freeway.dataplane.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.RelayRules;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.netlink.Errno;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A relay between real sockets on loopback. */
@Timeout(60)
class RelayTableTest {
  private static final Scheduler ROUND_ROBIN = new Scheduler("rr", false, false);

  private final RelayTable table = RelayTable.open(System::nanoTime, _ -> {});
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    table.close();
    threads.shutdownNow();
  }

  private static InetAddress loopback(int last) {
    return InetAddress.ofLiteral("127.0.0." + last);
  }

  private static int freePort(int last) {
    try (ServerSocket socket = new ServerSocket(0, 1, loopback(last))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private ServiceKey service(Protocol protocol) {
    return new ServiceKey(protocol, IpAddress.parse("127.0.0.1"), freePort(1));
  }

  private ServiceKey serve(VirtualService value, DestinationKey... destinations) {
    execute(new Command.AddService(value));
    for (DestinationKey destination : destinations) {
      execute(new Command.AddDestination(value.key(), one(destination, 1)));
    }
    return value.key();
  }

  private ServiceKey serve(DestinationKey... destinations) {
    return serve(VirtualService.of(service(Protocol.TCP), ROUND_ROBIN), destinations);
  }

  private static Destination one(DestinationKey key, int weight) {
    return Destination.of(key, Forwarding.NAT, weight);
  }

  private void execute(Command command) {
    assertThat(table.execute(List.of(command))).containsExactly(Answer.DONE);
  }

  private Answer answer(Command command) {
    return table.execute(List.of(command)).getFirst();
  }

  /** What a backend does with a connection. */
  private interface Backend {
    void serve(Socket client) throws IOException;
  }

  private DestinationKey backend(int last, Backend backend) throws IOException {
    ServerSocket listening = new ServerSocket(0, 50, loopback(last));
    open.add(listening);
    threads.execute(
        () -> {
          while (!listening.isClosed()) {
            try {
              Socket client = listening.accept();
              threads.execute(
                  () -> {
                    try (client) {
                      backend.serve(client);
                    } catch (IOException _) {
                      // the other side has gone
                    }
                  });
            } catch (IOException _) {
              return;
            }
          }
        });
    return new DestinationKey(IpAddress.parse("127.0.0." + last), listening.getLocalPort());
  }

  /** Answers each line with its name. */
  private DestinationKey named(int last) throws IOException {
    return backend(
        last,
        client -> {
          InputStream in = client.getInputStream();
          while (in.read() >= 0) {
            client.getOutputStream().write('0' + last);
          }
        });
  }

  private Socket connect(ServiceKey service) throws IOException {
    Socket client = new Socket();
    open.add(client);
    client.setSoTimeout(20_000);
    client.connect(new InetSocketAddress(loopback(1), service.port()));
    return client;
  }

  private static int ask(Socket client) throws IOException {
    client.getOutputStream().write('?');
    return client.getInputStream().read();
  }

  private ObservedDestination observed(ServiceKey service, DestinationKey destination) {
    return table.find(service).orElseThrow().destinations().stream()
        .filter(one -> one.value().key().equals(destination))
        .findFirst()
        .orElseThrow();
  }

  /** Sends so many random bytes in random pieces; answers their checksum. */
  private static long send(OutputStream out, long seed, int bytes) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    CRC32C sum = new CRC32C();
    byte[] piece = new byte[100_000];
    for (int left = bytes; left > 0; ) {
      int length = Math.min(left, 1 + random.nextInt(piece.length));
      random.nextBytes(piece);
      out.write(piece, 0, length);
      sum.update(piece, 0, length);
      left -= length;
    }
    return sum.getValue();
  }

  private static long received(InputStream in) throws IOException {
    CRC32C sum = new CRC32C();
    byte[] piece = new byte[70_000];
    for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
      sum.update(piece, 0, read);
    }
    return sum.getValue();
  }

  @Test
  void whatAClientSaysAndEndsAtOnceArrives() throws Exception {
    ServiceKey service =
        serve(
            backend(
                2,
                client ->
                    client.getOutputStream().write(client.getInputStream().readAllBytes().length)));
    for (int i = 0; i < 200; i++) {
      Socket client = connect(service);
      client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
      client.shutdownOutput();
      assertThat(client.getInputStream().readAllBytes()).containsExactly(5);
    }
  }

  /** More than the kernel takes at once, after all that was to be read. */
  @Test
  void aLongAnswerArrivesAfterTheClientHasEnded() throws Exception {
    int bytes = 20_000_000;
    CompletableFuture<Long> sent = new CompletableFuture<>();
    ServiceKey service =
        serve(
            backend(
                2,
                client -> {
                  assertThat(client.getInputStream().readAllBytes()).hasSize(5);
                  sent.complete(send(client.getOutputStream(), 7, bytes));
                }));
    for (int i = 0; i < 3; i++) {
      Socket client = connect(service);
      client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
      client.shutdownOutput();
      assertThat(received(client.getInputStream())).isEqualTo(sent.join());
    }
  }

  private void rules(ServiceKey service, RelayRules rules) {
    HostNeeds.Need need =
        new HostNeeds.Need("rr", Forwarding.NAT, false, SourceRanges.EVERYONE, rules);
    table.need(Map.of(service, need));
  }

  /** The connection is reset before anything is said. */
  private static void assertTurnedAway(Socket client) {
    assertThatThrownBy(() -> assertThat(ask(client)).isEqualTo(-1))
        .isInstanceOf(SocketException.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"V1", "V2"})
  void aBackendIsToldWhoItsClientIs(RelayRules.ProxyProtocol form) throws Exception {
    CompletableFuture<byte[]> heard = new CompletableFuture<>();
    ServiceKey service =
        serve(
            backend(
                2,
                client -> {
                  heard.complete(client.getInputStream().readAllBytes());
                  client.getOutputStream().write('.');
                }));
    rules(service, new RelayRules(false, form, 0, 0, 0, 0));
    Socket client = connect(service);
    client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
    client.shutdownOutput();
    assertThat(client.getInputStream().read()).isEqualTo('.');
    EmbeddedChannel decoder = new EmbeddedChannel(new HAProxyMessageDecoder());
    decoder.writeInbound(Unpooled.wrappedBuffer(heard.join()));
    HAProxyMessage header = decoder.readInbound();
    assertThat(header.protocolVersion()).isEqualTo(HAProxyProtocolVersion.valueOf(form.name()));
    assertThat(header.command()).isEqualTo(HAProxyCommand.PROXY);
    assertThat(header.proxiedProtocol()).isEqualTo(HAProxyProxiedProtocol.TCP4);
    assertThat(header.sourceAddress() + ":" + header.sourcePort())
        .isEqualTo("127.0.0.1:" + client.getLocalPort());
    assertThat(header.destinationAddress() + ":" + header.destinationPort())
        .isEqualTo("127.0.0.1:" + service.port());
    ByteBuf rest = decoder.readInbound();
    assertThat(rest.toString(StandardCharsets.UTF_8)).isEqualTo("hello");
    assertThat(decoder.finishAndReleaseAll()).isFalse();
  }

  @Test
  void aBackendThatSpeaksFirstIsToldTooAndAtOnce() throws Exception {
    ServiceKey service =
        serve(
            backend(
                2,
                client -> {
                  InputStream in = client.getInputStream();
                  StringBuilder line = new StringBuilder();
                  for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                    line.append((char) c);
                  }
                  client
                      .getOutputStream()
                      .write(line.substring(0, 5).getBytes(StandardCharsets.UTF_8));
                }));
    rules(service, new RelayRules(false, RelayRules.ProxyProtocol.V1, 0, 0, 0, 0));
    assertThat(connect(service).getInputStream().readAllBytes())
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("PROXY");
  }

  @Test
  void aClientWithTooManyConnectionsIsTurnedAwayUntilOneIsOver() throws Exception {
    ServiceKey service = serve(named(2));
    rules(service, new RelayRules(false, RelayRules.ProxyProtocol.NONE, 0, 0, 2, 0));
    Socket first = connect(service);
    Socket second = connect(service);
    assertThat(ask(first)).isEqualTo('2');
    assertThat(ask(second)).isEqualTo('2');
    assertTurnedAway(connect(service));
    first.close();
    Await.until(
        () -> "one place is free",
        () -> {
          try (Socket third = connect(service)) {
            return ask(third) == '2';
          } catch (IOException _) {
            return false;
          }
        });
    assertThat(ask(second)).isEqualTo('2');
  }

  @Test
  void aServiceThatIsFullLetsTheNextOnesWait() throws Exception {
    ServiceKey service = serve(named(2));
    rules(service, new RelayRules(false, RelayRules.ProxyProtocol.NONE, 1, 0, 0, 0));
    Socket first = connect(service);
    assertThat(ask(first)).isEqualTo('2');
    Socket waiting = connect(service); // by the kernel's queue
    CompletableFuture<Integer> answer = beside(() -> ask(waiting));
    assertThat(ask(first)).isEqualTo('2');
    assertThat(answer).isNotDone();
    first.close();
    assertThat(answer.join()).isEqualTo('2');
  }

  @Test
  void whoWaitsIsTakenWhenTheLimitIsNoMore() throws Exception {
    ServiceKey service = serve(named(2));
    rules(service, new RelayRules(false, RelayRules.ProxyProtocol.NONE, 1, 0, 0, 0));
    assertThat(ask(connect(service))).isEqualTo('2');
    Socket waiting = connect(service);
    CompletableFuture<Integer> answer = beside(() -> ask(waiting));
    rules(service, RelayRules.NONE);
    assertThat(answer.join()).isEqualTo('2');
  }

  private <T> CompletableFuture<T> beside(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            result.complete(work.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyByteArrivesBothWaysAndAnEndOfOneSideIsNoneOfTheOther(long seed) throws Exception {
    CompletableFuture<Long> arrived = new CompletableFuture<>();
    CompletableFuture<Long> answered = new CompletableFuture<>();
    DestinationKey backend =
        backend(
            2,
            client -> {
              CompletableFuture<Long> sent =
                  beside(
                      () -> {
                        long sum = send(client.getOutputStream(), seed + 10, 3_000_000);
                        return sum;
                      });
              arrived.complete(received(client.getInputStream())); // the client has ended by now
              sent.join();
              client.getOutputStream().write("end".getBytes(StandardCharsets.US_ASCII));
              answered.complete(sent.join());
            });
    ServiceKey service = serve(backend);
    try (Socket client = connect(service)) {
      CompletableFuture<byte[]> read = beside(() -> client.getInputStream().readAllBytes());
      long sent = send(client.getOutputStream(), seed, 5_000_000);
      client.shutdownOutput();
      assertThat(arrived.get()).isEqualTo(sent);
      byte[] all = read.get();
      CRC32C sum = new CRC32C();
      sum.update(all, 0, all.length - 3);
      assertThat(sum.getValue()).isEqualTo(answered.get());
      assertThat(new String(all, all.length - 3, 3, StandardCharsets.US_ASCII)).isEqualTo("end");
    }
    Await.until(
        () -> observed(service, backend).toString(),
        () ->
            observed(service, backend).activeConnections() == 0
                && observed(service, backend).inactiveConnections() == 0);
    assertThat(observed(service, backend).statistics().inBytes()).isEqualTo(5_000_000);
    assertThat(observed(service, backend).statistics().outBytes()).isEqualTo(3_000_003);
  }

  @Test
  void aBackendThatRefusesIsPassedOver() throws Exception {
    DestinationKey closed = new DestinationKey(IpAddress.parse("127.0.0.4"), freePort(4));
    ServiceKey service = serve(named(2), closed, named(3));
    for (int i = 0; i < 12; i++) {
      try (Socket client = connect(service)) {
        assertThat(ask(client)).isIn((int) '2', (int) '3');
      }
    }
    assertThat(observed(service, closed).statistics().connections()).isZero();
  }

  @Test
  void withoutAnyBackendAConnectionIsReset() throws Exception {
    ServiceKey service = serve(new DestinationKey(IpAddress.parse("127.0.0.4"), freePort(4)));
    Socket client = connect(service);
    assertThatThrownBy(() -> assertThat(ask(client)).isEqualTo(-1))
        .isInstanceOf(SocketException.class);
  }

  @Test
  void whatDrainsKeepsItsConnectionsAndGetsNoNewOnes() throws Exception {
    DestinationKey two = named(2);
    DestinationKey three = named(3);
    ServiceKey service = serve(two, three);
    List<Socket> kept = List.of(connect(service), connect(service));
    List<Integer> names = List.of(ask(kept.get(0)), ask(kept.get(1)));
    assertThat(names).containsExactlyInAnyOrder((int) '2', (int) '3');
    assertThat(observed(service, two).activeConnections()).isEqualTo(1);
    execute(new Command.SetDestination(service, one(two, 0)));
    for (int i = 0; i < 6; i++) {
      try (Socket client = connect(service)) {
        assertThat(ask(client)).isEqualTo('3');
      }
    }
    assertThat(ask(kept.get(0))).isEqualTo(names.get(0));
    assertThat(ask(kept.get(1))).isEqualTo(names.get(1));
  }

  @Test
  void whatIsRemovedTakesItsConnectionsWithIt() throws Exception {
    DestinationKey two = named(2);
    ServiceKey service = serve(two);
    Socket client = connect(service);
    assertThat(ask(client)).isEqualTo('2');
    execute(new Command.DeleteDestination(service, two));
    assertThatThrownBy(() -> assertThat(client.getInputStream().read()).isEqualTo(-2))
        .isInstanceOf(SocketException.class);
  }

  @Test
  void aDeletedServiceListensNoMore() throws Exception {
    ServiceKey service = serve(named(2));
    execute(new Command.DeleteService(service));
    assertThat(table.services()).isEmpty();
    assertThatThrownBy(() -> connect(service)).isInstanceOf(SocketException.class);
  }

  @Test
  void aResetOfOneSideIsOneOfTheOther() throws Exception {
    DestinationKey resetting =
        backend(
            2,
            client -> {
              client.getInputStream().read();
              client.getOutputStream().write("half of the ans".getBytes(StandardCharsets.US_ASCII));
              client.setSoLinger(true, 0);
            });
    Socket client = connect(serve(resetting));
    client.getOutputStream().write('?');
    assertThatThrownBy(
            () -> {
              while (true) {
                assertThat(client.getInputStream().read()).isNotNegative();
              }
            })
        .isInstanceOf(SocketException.class);
  }

  @Test
  void whoDoesNotReadStopsWhoWrites() throws Exception {
    CompletableFuture<Socket> taken = new CompletableFuture<>();
    CompletableFuture<Void> over = new CompletableFuture<>();
    ServiceKey service =
        serve(
            backend(
                2,
                client -> {
                  taken.complete(client);
                  over.join();
                }));
    try (SocketChannel client = SocketChannel.open();
        Selector selector = Selector.open()) {
      client.connect(new InetSocketAddress(loopback(1), service.port()));
      client.setOption(StandardSocketOptions.SO_SNDBUF, 64 << 10);
      taken.get();
      client.configureBlocking(false);
      client.register(selector, SelectionKey.OP_WRITE);
      ByteBuffer piece = ByteBuffer.allocate(64 << 10);
      long written = 0;
      while (written < 200 << 20 && selector.select(1000) > 0) {
        selector.selectedKeys().clear();
        written += client.write(piece.clear());
      }
      assertThat(written).as("buffers of the kernel included").isLessThan(40 << 20);
    } finally {
      over.complete(null);
    }
  }

  /** Answers each datagram with the same, its first byte incremented. */
  private DestinationKey incrementing(int last) throws IOException {
    DatagramSocket backend = new DatagramSocket(0, loopback(last));
    open.add(backend);
    threads.execute(
        () -> {
          byte[] bytes = new byte[65_536];
          while (!backend.isClosed()) {
            try {
              DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
              backend.receive(packet);
              bytes[0]++;
              backend.send(packet);
            } catch (IOException _) {
              return;
            }
          }
        });
    return new DestinationKey(IpAddress.parse("127.0.0." + last), backend.getLocalPort());
  }

  @Test
  void datagramsGoBothWays() throws Exception {
    DestinationKey key = incrementing(2);
    ServiceKey service = serve(VirtualService.of(service(Protocol.UDP), ROUND_ROBIN), key);
    for (int i = 0; i < 3; i++) {
      try (DatagramSocket client = new DatagramSocket(0, loopback(3))) {
        client.setSoTimeout(20_000);
        client.connect(new InetSocketAddress(loopback(1), service.port()));
        byte[] bytes = {'a', 'b'};
        client.send(new DatagramPacket(bytes, 2));
        DatagramPacket answer = new DatagramPacket(new byte[10], 10);
        client.receive(answer);
        assertThat(new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII))
            .isEqualTo("bb");
      }
    }
    assertThat(observed(service, key).inactiveConnections()).isEqualTo(3);
    assertThat(observed(service, key).statistics().outBytes()).isEqualTo(6);
  }

  @Test
  void manyClientsOfDatagramsAreServedAndLeaveRoomForConnections() throws Exception {
    RelayTable small =
        RelayTable.open(System::nanoTime, new Capacity(4, _ -> {}, System::nanoTime));
    open.add(small);
    ServiceKey datagrams = service(Protocol.UDP);
    ServiceKey connections = service(Protocol.TCP);
    assertThat(
            small.execute(
                List.of(
                    new Command.AddService(VirtualService.of(datagrams, ROUND_ROBIN)),
                    new Command.AddDestination(datagrams, one(incrementing(2), 1)),
                    new Command.AddService(VirtualService.of(connections, ROUND_ROBIN)),
                    new Command.AddDestination(connections, one(named(2), 1)))))
        .containsOnly(Answer.DONE);
    for (int i = 0; i < 10; i++) {
      DatagramSocket client = new DatagramSocket(0, loopback(3));
      open.add(client);
      client.setSoTimeout(20_000);
      client.connect(new InetSocketAddress(loopback(1), datagrams.port()));
      client.send(new DatagramPacket(new byte[1], 1));
      DatagramPacket answer = new DatagramPacket(new byte[1], 1);
      client.receive(answer);
      assertThat(answer.getData()[0]).isEqualTo((byte) 1);
    }
    assertThat(small.room().connections()).isEqualTo(2);
    for (int i = 0; i < 2; i++) {
      Socket client = connect(connections);
      open.add(client);
      assertThat(ask(client)).isEqualTo('2');
    }
    assertThat(small.room().connections()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2049, 65_507})
  void aDatagramArrivesWhole(int bytes) throws Exception {
    ServiceKey service =
        serve(VirtualService.of(service(Protocol.UDP), ROUND_ROBIN), incrementing(2));
    try (DatagramSocket client = new DatagramSocket(0, loopback(3))) {
      client.setSoTimeout(20_000);
      client.connect(new InetSocketAddress(loopback(1), service.port()));
      client.send(new DatagramPacket(new byte[bytes], bytes));
      DatagramPacket answer = new DatagramPacket(new byte[65_536], 65_536);
      client.receive(answer);
      assertThat(answer.getLength()).isEqualTo(bytes);
    }
  }

  @Test
  void aClientThatSticksComesBack() throws Exception {
    ServiceKey key = service(Protocol.TCP);
    serve(new VirtualService(key, ROUND_ROBIN, 300, 32, false), named(2), named(3));
    int first;
    try (Socket client = connect(key)) {
      first = ask(client);
    }
    for (int i = 0; i < 5; i++) {
      try (Socket client = connect(key)) {
        assertThat(ask(client)).isEqualTo(first);
      }
    }
    DestinationKey drained =
        table.find(key).orElseThrow().destinations().stream()
            .map(one -> one.value().key())
            .filter(one -> one.address().toString().endsWith("." + (char) first))
            .findFirst()
            .orElseThrow();
    execute(new Command.SetDestination(key, one(drained, 0)));
    try (Socket client = connect(key)) {
      assertThat(ask(client)).as("with expire_quiescent_template").isNotEqualTo(first);
    }
  }

  @Test
  void itAnswersAsTheKernelDoes() throws Exception {
    DestinationKey two = named(2);
    ServiceKey service = service(Protocol.TCP);
    VirtualService value = VirtualService.of(service, ROUND_ROBIN);
    assertThat(answer(new Command.SetService(value)).errno()).isEqualTo(Errno.ESRCH);
    assertThat(answer(new Command.DeleteService(service)).errno()).isEqualTo(Errno.ESRCH);
    assertThat(answer(new Command.AddDestination(service, one(two, 1))).errno())
        .isEqualTo(Errno.ESRCH);
    serve(value, two);
    assertThat(answer(new Command.AddService(value)).errno()).isEqualTo(Errno.EEXIST);
    assertThat(answer(new Command.AddDestination(service, one(two, 1))).errno())
        .isEqualTo(Errno.EEXIST);
    DestinationKey other = new DestinationKey(IpAddress.parse("127.0.0.9"), 80);
    assertThat(answer(new Command.SetDestination(service, one(other, 1))).errno())
        .isEqualTo(Errno.ENOENT);
    assertThat(answer(new Command.DeleteDestination(service, other)).errno())
        .isEqualTo(Errno.ENOENT);
    Answer unknown =
        answer(new Command.SetService(value.with(new Scheduler("lblc", false, false))));
    assertThat(unknown.errno()).isEqualTo(Errno.EOPNOTSUPP);
    assertThat(unknown.message()).contains("no scheduler lblc").contains("mh");
    assertThat(table.dump()).hasSize(1);
    assertThat(table.dump().getFirst().destinations()).hasSize(1);
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, loopback(1))) {
      ServiceKey key =
          new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), taken.getLocalPort());
      Answer answer = answer(new Command.AddService(VirtualService.of(key, ROUND_ROBIN)));
      assertThat(answer.done()).isFalse();
      assertThat(answer.message()).contains(key.toString()).contains("in use");
      assertThat(table.services()).isEmpty();
    }
  }
}
