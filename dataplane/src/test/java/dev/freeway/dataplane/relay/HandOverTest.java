package dev.freeway.dataplane.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From one table to the next, as from a process to the one after it. */
@Timeout(60)
class HandOverTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  /** As /proc/PID/fdinfo has it: the number, and the inode in hexadecimal. */
  private static final Pattern WATCHED = Pattern.compile("^tfd: *(\\d+) .* ino:([0-9a-f]+) ");

  @TempDir Path directory;
  private final RelayTable old = RelayTable.open(System::nanoTime, _ -> {});
  private final RelayTable next = RelayTable.open(System::nanoTime, _ -> {});
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    old.finish(Duration.ZERO);
    next.close();
    threads.shutdownNow();
  }

  private Path socket() {
    return directory.resolve("relay.sock");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, LOOPBACK)) {
      return socket.getLocalPort();
    }
  }

  /** Answers each byte with its name. */
  private DestinationKey backend(char name) throws IOException {
    ServerSocket listening = new ServerSocket(0, 1024, LOOPBACK);
    open.add(listening);
    threads.execute(
        () -> {
          while (!listening.isClosed()) {
            try {
              Socket client = listening.accept();
              threads.execute(() -> answer(client, name));
            } catch (IOException _) {
              return;
            }
          }
        });
    return new DestinationKey(IpAddress.parse("127.0.0.1"), listening.getLocalPort());
  }

  private static void answer(Socket client, char name) {
    try (client) {
      while (client.getInputStream().read() >= 0) {
        client.getOutputStream().write(name);
      }
    } catch (IOException _) {
      // the other side has gone
    }
  }

  private static void serve(RelayTable table, ServiceKey service, DestinationKey backend) {
    assertThat(
            table.execute(
                List.of(
                    new Command.AddService(
                        VirtualService.of(service, new Scheduler("rr", false, false))),
                    new Command.AddDestination(
                        service, Destination.of(backend, Forwarding.NAT, 1)))))
        .containsOnly(Answer.DONE);
  }

  private static char ask(Socket client) throws IOException {
    client.getOutputStream().write('?');
    return (char) client.getInputStream().read();
  }

  private Socket connect(ServiceKey service) throws IOException {
    Socket client = new Socket();
    client.setSoTimeout(20_000);
    client.connect(new InetSocketAddress(LOOPBACK, service.port()));
    return client;
  }

  @Test
  void nobodyIsRefusedAndWhatWasBegunGoesOn() throws Exception {
    ServiceKey service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), freePort());
    serve(old, service, backend('a'));
    CountDownLatch released = new CountDownLatch(1);
    old.offer(socket(), released::countDown);
    Socket before = connect(service);
    open.add(before);
    assertThat(ask(before)).isEqualTo('a');

    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger byOld = new AtomicInteger();
    AtomicInteger byNext = new AtomicInteger();
    List<CompletableFuture<Void>> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      clients.add(
          CompletableFuture.runAsync(
              () -> {
                while (!stop.get()) {
                  try (Socket client = connect(service)) {
                    (ask(client) == 'a' ? byOld : byNext).incrementAndGet();
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }
              },
              threads));
    }
    Await.until(() -> byOld + " of " + clients, () -> byOld.get() > 200);
    next.takeOver(socket());
    assertThat(released.await(10, TimeUnit.SECONDS)).isTrue();
    serve(next, service, backend('b'));
    next.begin();
    Await.until(
        () -> byNext + " of " + clients,
        () ->
            byNext.get() > 500
                || clients.stream().anyMatch(CompletableFuture::isCompletedExceptionally));
    stop.set(true);
    clients.forEach(CompletableFuture::join); // each fails that was refused or reset

    assertThat(ask(before)).isEqualTo('a');
    CompletableFuture<Void> finishing =
        CompletableFuture.runAsync(
            () -> {
              try {
                old.finish(Duration.ofSeconds(30));
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            },
            threads);
    assertThat(ask(before)).isEqualTo('a');
    assertThat(finishing).isNotDone();
    before.close();
    finishing.join();
    try (Socket after = connect(service)) {
      assertThat(ask(after)).isEqualTo('b');
    }
  }

  /**
   * The one before would be woken by every client of the one after, and by one that waits always.
   */
  @Test
  void whoGaveASocketIsToldOfNoClientsAnyMore() throws Exception {
    ServiceKey service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), freePort());
    serve(old, service, backend('a'));
    old.offer(socket(), () -> {});
    next.takeOver(socket());
    serve(next, service, backend('b'));
    next.begin();
    assertThat(old.resumes()).isFalse();
    Await.until(() -> "watched and closed: " + watchedAndClosed(), () -> watchedAndClosed() == 0);
  }

  /** Sockets that an epoll set of this process watches by a number that is theirs no more. */
  private static long watchedAndClosed() {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fdinfo"))) {
      return all.flatMap(HandOverTest::lines)
          .map(WATCHED::matcher)
          .filter(Matcher::find)
          .filter(found -> !isInode(found.group(1), Long.parseLong(found.group(2), 16)))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException _) {
      return Stream.empty(); // it is closed by now
    }
  }

  private static boolean isInode(String number, long inode) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd", number))
          .toString()
          .matches("anon_inode:.*|.*:\\[" + inode + "]");
    } catch (IOException _) {
      return false;
    }
  }

  @Test
  void whatIsNotAskedForIsListenedOnNoMore() throws Exception {
    ServiceKey service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), freePort());
    serve(old, service, backend('a'));
    old.offer(socket(), () -> {});
    next.takeOver(socket());
    next.begin();
    assertThat(old.resumes()).isFalse();
    assertThatThrownBy(() -> connect(service)).isInstanceOf(ConnectException.class);
  }

  @Test
  void datagramsGoOnToo() throws Exception {
    ServiceKey service = new ServiceKey(Protocol.UDP, IpAddress.parse("127.0.0.1"), freePort());
    DatagramSocket before = new DatagramSocket(0, LOOPBACK);
    open.add(before);
    DatagramSocket after = new DatagramSocket(0, LOOPBACK);
    open.add(after);
    serve(old, service, at(before));
    old.offer(socket(), () -> {});
    next.takeOver(socket());
    DatagramSocket client = new DatagramSocket(0, LOOPBACK);
    open.add(client);
    client.connect(LOOPBACK, service.port());
    client.send(new DatagramPacket(new byte[] {7}, 1));
    assertThat(received(before)).as("while the next one does not serve").isEqualTo((byte) 7);
    serve(next, service, at(after));
    next.begin();
    assertThat(old.resumes()).isFalse();
    client.send(new DatagramPacket(new byte[] {8}, 1));
    assertThat(received(after)).isEqualTo((byte) 8);
  }

  private static DestinationKey at(DatagramSocket backend) {
    return new DestinationKey(IpAddress.parse("127.0.0.1"), backend.getLocalPort());
  }

  private static byte received(DatagramSocket backend) throws IOException {
    DatagramPacket seen = new DatagramPacket(new byte[10], 10);
    backend.setSoTimeout(20_000);
    backend.receive(seen);
    return seen.getData()[0];
  }

  @Test
  void whoTakesAndEndsBeforeItServesLeavesTheOldOneServing() throws Exception {
    ServiceKey service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), freePort());
    ServiceKey datagrams = new ServiceKey(Protocol.UDP, IpAddress.parse("127.0.0.1"), freePort());
    DatagramSocket backend = new DatagramSocket(0, LOOPBACK);
    open.add(backend);
    serve(old, service, backend('a'));
    serve(old, datagrams, at(backend));
    DatagramSocket flow = new DatagramSocket(0, LOOPBACK);
    open.add(flow);
    flow.connect(LOOPBACK, datagrams.port());
    CountDownLatch released = new CountDownLatch(1);
    old.offer(socket(), released::countDown);
    next.takeOver(socket());
    serve(next, service, backend('b'));
    assertThat(released.getCount()).isZero();
    for (int i = 0; i < 100; i++) {
      try (Socket client = connect(service)) {
        assertThat(ask(client)).as("while the next one does not serve").isEqualTo('a');
      }
    }
    next.close();
    assertThat(old.resumes()).isTrue();
    for (int i = 0; i < 100; i++) {
      try (Socket client = connect(service)) {
        assertThat(ask(client)).as("when the next one is gone").isEqualTo('a');
      }
    }
    flow.send(new DatagramPacket(new byte[] {7}, 1));
    assertThat(received(backend)).isEqualTo((byte) 7);

    old.offer(socket(), () -> {});
    RelayTable third = RelayTable.open(System::nanoTime, _ -> {});
    open.add(third);
    third.takeOver(socket());
    serve(third, service, backend('c'));
    third.begin();
    assertThat(old.resumes()).isFalse();
    try (Socket client = connect(service)) {
      assertThat(ask(client)).isEqualTo('c');
    }
  }

  @Test
  void whoAsksAndTakesNoSocketLeavesTheOldOneServing() throws Exception {
    ServiceKey service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), freePort());
    serve(old, service, backend('a'));
    CountDownLatch released = new CountDownLatch(1);
    old.offer(socket(), released::countDown);
    try (SocketChannel asking = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      asking.write(ByteBuffer.wrap(new byte[1]));
      assertThat(released.await(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(old.resumes()).isTrue();
    try (Socket client = connect(service)) {
      assertThat(ask(client)).isEqualTo('a');
    }
  }

  @Test
  void whoTookOverIsTakenOverFromWhenItServes() throws Exception {
    ServiceKey service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), freePort());
    serve(old, service, backend('a'));
    old.offer(socket(), () -> {});
    next.takeOver(socket());
    next.offer(socket(), () -> {});
    RelayTable third = RelayTable.open(System::nanoTime, _ -> {});
    open.add(third);
    assertThatThrownBy(() -> third.takeOver(socket()))
        .as("before it serves")
        .isInstanceOf(IOException.class)
        .hasMessage("the process there gives it to another one, or to nobody");
    serve(next, service, backend('b'));
    next.begin();
    assertThat(old.resumes()).isFalse();
    old.finish(Duration.ZERO);
    third.takeOver(socket());
    serve(third, service, backend('c'));
    third.begin();
    assertThat(next.resumes()).isFalse();
    try (Socket client = connect(service)) {
      assertThat(ask(client)).isEqualTo('c');
    }
  }

  @Test
  void nobodyElseMayAskAndNobodyIsThereIsSaid() throws Exception {
    assertThatThrownBy(() -> next.takeOver(socket()))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("nobody offers it at ");
    old.offer(socket(), () -> {});
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
        .isEqualTo("rw-------");
  }

  @Test
  void whoAsksAndGoesAwayTakesNothing() throws Exception {
    ServiceKey service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), freePort());
    serve(old, service, backend('a'));
    CountDownLatch released = new CountDownLatch(1);
    old.offer(socket(), released::countDown);
    try (SocketChannel asking = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
      assertThat(asking.isConnected()).isTrue();
    }
    for (int i = 0; i < 100; i++) {
      try (Socket client = connect(service)) {
        assertThat(ask(client)).isEqualTo('a');
      }
    }
    assertThat(released.getCount()).isOne();
    Await.until(() -> "the next one is given it", this::isTaken);
    serve(next, service, backend('b'));
    next.begin();
    assertThat(old.resumes()).isFalse();
    try (Socket client = connect(service)) {
      assertThat(ask(client)).isEqualTo('b');
    }
    assertThat(released.getCount()).isZero();
  }

  private boolean isTaken() {
    try {
      next.takeOver(socket());
      return true;
    } catch (IOException _) {
      return false; // the one before is still about to be refused
    }
  }

  @Test
  void aThousandServicesAreGiven() throws Exception {
    DestinationKey backend = backend('a');
    List<ServiceKey> services = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      ServiceKey service = new ServiceKey(Protocol.TCP, IpAddress.parse("127.0.0.1"), freePort());
      serve(old, service, backend);
      services.add(service);
    }
    old.offer(socket(), () -> {});
    next.takeOver(socket());
    services.forEach(service -> serve(next, service, backend));
    next.begin();
    for (ServiceKey service : services) {
      try (Socket client = connect(service)) {
        assertThat(ask(client)).isEqualTo('a');
      }
    }
  }
}
