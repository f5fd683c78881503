package dev.freeway.dataplane.kernel;

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
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * What it costs to put the destinations of a service in use into another order, by deleting each
 * and adding it again in one batch, while packets keep coming.
 */
@Tag("kernel")
class ReorderKernelTest {
  private static final int DESTINATIONS = 30;
  private static final int CLIENTS = 400;
  private static final IpAddress VIP = IpAddress.parse("10.99.0.1");
  private static final ServiceKey SERVICE = new ServiceKey(Protocol.UDP, VIP, 5300);
  private static final Path SENT_ON = Path.of("/proc/thread-self/net/dev");
  private static final Path CONNECTIONS = Path.of("/proc/thread-self/net/ip_vs_conn");

  private static Destination destination(int number) {
    IpAddress address = new IpAddress(Family.IPV4, 0, 0x0a610000L + number);
    return Destination.of(new DestinationKey(address, 5300), Forwarding.DIRECT, 1);
  }

  private static Map<String, String> destinationsByClient() throws IOException {
    Map<String, String> found = new HashMap<>();
    for (int read = 0; read < 10 && found.size() < CLIENTS; read++) {
      for (String line : Files.readAllLines(CONNECTIONS)) {
        String[] field = line.trim().split("\\s+", -1);
        if (field[0].equals("UDP")) {
          found.put(field[1] + ":" + field[2], field[5]);
        }
      }
    }
    return found;
  }

  private static long packetsOnDummy() throws IOException {
    for (String line : Files.readAllLines(SENT_ON)) {
      if (line.trim().startsWith("d0:")) {
        return Long.parseLong(line.substring(line.indexOf(':') + 1).trim().split("\\s+", -1)[9]);
      }
    }
    throw new IOException("no device d0 in " + SENT_ON);
  }

  /** What was seen: clients whose entry changed, packets sent and packets that arrived. */
  private record Outcome(int moved, long sent, long arrived, long microseconds) {}

  private static Outcome reorder(String expireNodestConn, boolean underRoundRobin)
      throws Exception {
    Namespaces.shell(
        """
        ip link add d0 type dummy
        echo 1 > /proc/sys/net/ipv6/conf/d0/disable_ipv6
        ip link set d0 up
        ip route add local 10.98.0.0/16 dev lo
        ip address add 10.99.0.1/32 dev lo
        ip route add 10.97.0.0/16 dev d0
        """);
    List<DatagramChannel> clients = new ArrayList<>();
    try (Ipvs ipvs = Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC))) {
      Namespaces.shell("echo " + expireNodestConn + " > /proc/sys/net/ipv4/vs/expire_nodest_conn");
      VirtualService mh = VirtualService.of(SERVICE, Scheduler.DEFAULT);
      List<Command> fill = new ArrayList<>();
      fill.add(new Command.AddService(mh));
      for (int i = DESTINATIONS; i > 0; i--) {
        fill.add(new Command.AddDestination(SERVICE, destination(i)));
      }
      assertThat(ipvs.execute(fill)).allMatch(Answer::done);
      InetSocketAddress vip = new InetSocketAddress(VIP.toInetAddress(), SERVICE.port());
      for (int i = 0; i < CLIENTS; i++) {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        IpAddress address = new IpAddress(Family.IPV4, 0, 0x0a620001L + i);
        channel.bind(new InetSocketAddress(address.toInetAddress(), 20000 + i));
        channel.connect(vip);
        channel.write(ByteBuffer.wrap(new byte[4]));
        clients.add(channel);
      }
      Map<String, String> before = destinationsByClient();
      assertThat(before).hasSize(CLIENTS);

      long arrivedBefore = packetsOnDummy();
      AtomicBoolean stop = new AtomicBoolean();
      AtomicLong sent = new AtomicLong();
      Thread traffic =
          new Thread(
              () -> {
                ByteBuffer packet = ByteBuffer.allocateDirect(4);
                while (!stop.get()) {
                  for (DatagramChannel client : clients) {
                    try {
                      client.write(packet.clear());
                    } catch (IOException refused) {
                      // Counted as sent and not arrived.
                    }
                    sent.incrementAndGet();
                  }
                }
              },
              "traffic");
      traffic.start();
      long goal = 5L * CLIENTS;
      while (sent.get() < goal) {
        Thread.onSpinWait();
      }
      List<Command> moves = new ArrayList<>();
      if (underRoundRobin) {
        moves.add(new Command.SetService(mh.with(new Scheduler("rr", false, false))));
      }
      for (int i = 1; i <= DESTINATIONS; i++) {
        moves.add(new Command.DeleteDestination(SERVICE, destination(i).key()));
        moves.add(new Command.AddDestination(SERVICE, destination(i)));
      }
      if (underRoundRobin) {
        moves.add(new Command.SetService(mh));
      }
      long begun = System.nanoTime();
      assertThat(ipvs.execute(moves)).allMatch(Answer::done);
      long microseconds = (System.nanoTime() - begun) / 1000;
      goal = sent.get() + 5L * CLIENTS;
      while (sent.get() < goal) {
        Thread.onSpinWait();
      }
      stop.set(true);
      traffic.join();
      Map<String, String> after = destinationsByClient();
      int moved = 0;
      for (Map.Entry<String, String> entry : before.entrySet()) {
        moved += entry.getValue().equals(after.get(entry.getKey())) ? 0 : 1;
      }
      assertThat(ipvs.find(SERVICE).orElseThrow().destinations().getFirst().value())
          .isEqualTo(destination(DESTINATIONS));
      return new Outcome(moved, sent.get(), packetsOnDummy() - arrivedBefore, microseconds);
    } finally {
      for (DatagramChannel client : clients) {
        client.close();
      }
    }
  }

  @Test
  void losesNoConnectionWhileThoseOfMissingDestinationsAreKept(TestReporter reporter)
      throws Exception {
    Namespaces.inNew(
        () -> {
          Outcome outcome = reorder("0", false);
          reporter.publishEntry("expire_nodest_conn=0", outcome.toString());
          assertThat(outcome.moved()).isZero();
        });
  }

  @Test
  void losesNoConnectionUnderAnotherSchedulerMeanwhile(TestReporter reporter) throws Exception {
    Namespaces.inNew(
        () -> {
          Outcome outcome = reorder("0", true);
          reporter.publishEntry("expire_nodest_conn=0, under rr", outcome.toString());
          assertThat(outcome.moved()).isZero();
        });
  }

  @Test
  void losesTheConnectionsThatSpeakInTheGapWhereThoseOfMissingDestinationsExpire(
      TestReporter reporter) throws Exception {
    Namespaces.inNew(
        () -> {
          Outcome outcome = reorder("1", false);
          reporter.publishEntry("expire_nodest_conn=1", outcome.toString());
          assertThat(outcome.moved()).isLessThan(CLIENTS / 4); // none to a few in a hundred
        });
  }
}
