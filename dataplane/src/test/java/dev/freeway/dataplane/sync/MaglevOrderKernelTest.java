package dev.freeway.dataplane.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Destination;
import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.kernel.ConnectionTable;
import dev.freeway.dataplane.kernel.ConnectionTable.Client;
import dev.freeway.dataplane.kernel.Namespaces;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.libc.NetworkNamespace;
import dev.freeway.dataplane.netlink.Netlink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Destinations are put into another order while TCP connections to them talk. */
@Tag("kernel")
final class MaglevOrderKernelTest {
  private static final int DESTINATIONS = 30;
  private static final int CONNECTIONS = 200;
  private static final int PORT = 7000;

  /** Milliseconds; several of TCP's retransmissions. */
  private static final int PATIENCE = 20_000;

  private static final IpAddress VIP = IpAddress.parse("10.7.0.100");
  private static final ServiceKey SERVICE = new ServiceKey(Protocol.TCP, VIP, PORT);
  private static final Path EXPIRE = Path.of("/proc/sys/net/ipv4/vs/expire_nodest_conn");

  /** As the product does it. */
  private static boolean whileKept(Runnable batch) {
    try {
      Files.writeString(EXPIRE, "0");
      batch.run();
      Files.writeString(EXPIRE, "1");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return true;
  }

  /** The backend has this many addresses more, so one machine is as many destinations. */
  private static Destination destination(int number) {
    IpAddress address = new IpAddress(Family.IPV4, 0, 0x0a070064L + number);
    return Destination.of(new DestinationKey(address, PORT), Forwarding.DIRECT, 1);
  }

  /** Answers every byte with itself, on whichever address. */
  private static void echo(ServerSocketChannel server, AtomicBoolean stop) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    try (Selector selector = Selector.open()) {
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      while (!stop.get()) {
        selector.select(100);
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.isAcceptable()) {
            SocketChannel accepted = server.accept();
            accepted.configureBlocking(false);
            accepted.register(selector, SelectionKey.OP_READ);
          } else if (key.channel() instanceof SocketChannel channel) {
            if (channel.read(buffer.clear()) < 0) {
              channel.close();
            } else {
              buffer.flip();
              while (buffer.hasRemaining()) {
                channel.write(buffer);
              }
            }
          }
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<SocketChannel> connect() throws IOException {
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      SocketChannel client = SocketChannel.open();
      client.socket().connect(new InetSocketAddress(VIP.toInetAddress(), PORT), PATIENCE);
      client.socket().setSoTimeout(PATIENCE);
      clients.add(client);
    }
    return clients;
  }

  /** One byte there and back on every connection; a connection that was lost throws. */
  private static void askAll(List<SocketChannel> clients, byte value) throws IOException {
    ByteBuffer one = ByteBuffer.allocateDirect(1);
    for (SocketChannel client : clients) {
      client.write(one.clear().put(value).flip());
    }
    for (SocketChannel client : clients) {
      assertThat(client.socket().getInputStream().read())
          .as("%s", client)
          .isEqualTo(Byte.toUnsignedInt(value));
    }
  }

  private static List<DestinationKey> inserted(Ipvs ipvs) {
    return ipvs.find(SERVICE).orElseThrow().destinations().reversed().stream()
        .map(ObservedDestination::value)
        .map(Destination::key)
        .toList();
  }

  private static <T> T on(String machine, Callable<T> task) throws Exception {
    FutureTask<T> result =
        new FutureTask<>(
            () -> {
              NetworkNamespace.enter(Path.of("/run/netns", machine));
              return task.call();
            });
    Thread.ofPlatform().daemon().name(machine).start(result);
    return result.get(120, TimeUnit.SECONDS);
  }

  @Test
  void noTcpConnectionIsLostOrMoved(TestReporter reporter) throws Exception {
    Namespaces.shell(
        """
        . deploy/lab.d/topology.sh
        modprobe -a veth bridge ip_vs dummy
        topology_bridge br-order
        topology_host order-c br-order 10.7.0.10/24
        topology_host order-lb br-order 10.7.0.2/24
        topology_host order-b br-order 10.7.0.11/24
        ip -n order-lb address add 10.7.0.100/32 dev lo
        topology_backend_vip order-b 10.7.0.100
        for i in {1..30}; do ip -n order-b address add 10.7.0.$((100 + i))/24 dev eth0; done
        """);
    AtomicBoolean stop = new AtomicBoolean();
    ServerSocketChannel server =
        on(
            "order-b",
            () -> ServerSocketChannel.open().bind(new InetSocketAddress(PORT), CONNECTIONS));
    Thread backend = Thread.ofPlatform().daemon().name("backend").start(() -> echo(server, stop));
    FutureTask<Void> director = new FutureTask<>(() -> reorderWhileTheyTalk(reporter));
    Thread.ofPlatform()
        .daemon()
        .name("director")
        .start(
            () -> {
              NetworkNamespace.enter(Path.of("/run/netns/order-lb"));
              director.run();
            });
    try {
      director.get(5, TimeUnit.MINUTES);
    } finally {
      stop.set(true);
      backend.join();
      server.close();
      Namespaces.shell(
          """
          for name in order-c order-lb order-b; do ip netns delete $name; done
          ip link delete br-order
          """);
    }
  }

  private static Void reorderWhileTheyTalk(TestReporter reporter) throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (Ipvs ipvs = Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC))) {
      Files.writeString(EXPIRE, "1");
      List<Command> fill = new ArrayList<>();
      fill.add(new Command.AddService(VirtualService.of(SERVICE, Scheduler.DEFAULT)));
      List<Integer> numbers = new ArrayList<>();
      for (int i = 1; i <= DESTINATIONS; i++) {
        numbers.add(i);
      }
      Collections.shuffle(numbers, new Random(7));
      numbers.forEach(n -> fill.add(new Command.AddDestination(SERVICE, destination(n))));
      assertThat(ipvs.execute(fill)).allMatch(Answer::done);
      List<SocketChannel> clients = on("order-c", MaglevOrderKernelTest::connect);
      askAll(clients, (byte) 1);
      Map<Client, DestinationKey> before =
          ConnectionTable.listUntil("TCP", all -> all.size() == CONNECTIONS);

      Semaphore rounds = new Semaphore(0);
      List<Throwable> failures = new ArrayList<>();
      Thread traffic =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      for (byte round = 2; !stop.get(); round++) {
                        askAll(clients, round);
                        rounds.release();
                      }
                    } catch (IOException | AssertionError e) {
                      failures.add(e);
                      stop.set(true);
                    }
                  });
      boolean talking = rounds.tryAcquire(3, PATIENCE, TimeUnit.MILLISECONDS);
      MaglevOrder order = new MaglevOrder(ipvs, MaglevOrderKernelTest::whileKept);
      int moved = 0;
      long begun = System.nanoTime();
      for (MaglevOrder.Result result = order.restore(ipvs.dump(), _ -> true);
          result.moved() > 0;
          result = order.restore(ipvs.dump(), _ -> true)) {
        assertThat(result.lost()).isEmpty();
        moved += result.moved();
      }
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      rounds.drainPermits();
      boolean talkingAfterwards = rounds.tryAcquire(3, PATIENCE, TimeUnit.MILLISECONDS);
      Map<Client, DestinationKey> after = ConnectionTable.list("TCP");
      stop.set(true);
      traffic.join();
      reporter.publishEntry("moved", moved + " in " + took.toMillis() + " ms");
      Map<Client, DestinationKey> changed = new HashMap<>(before);
      changed.entrySet().removeIf(e -> e.getValue().equals(after.get(e.getKey())));
      assertThat(failures).as("connections that changed: %s", changed).isEmpty();
      assertThat(talking && talkingAfterwards).isTrue();
      assertThat(moved).isPositive();
      assertThat(inserted(ipvs)).isSorted();
      assertThat(changed).isEmpty();
      for (SocketChannel client : clients) {
        client.close();
      }
      return null;
    }
  }
}
