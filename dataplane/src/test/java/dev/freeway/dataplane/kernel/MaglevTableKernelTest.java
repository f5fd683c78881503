package dev.freeway.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.DestinationKey;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.MaglevTable;
import dev.freeway.dataplane.kernel.ConnectionTable.Client;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whom the kernel's schedulers choose, seen in its connection table after one datagram from each of
 * many clients, against {@link MaglevTable} and against the model.
 */
@Tag("kernel")
class MaglevTableKernelTest {
  /** Each comparison reads the whole connection table, which grows by as many. */
  private static final int CLIENTS = System.getenv("FREEWAY_FULL") == null ? 100 : 300;

  private static final int PORT = 5300;
  private static final int FALLBACK = 8;
  private static final int HASH_PORT = 16;

  /** A namespace whose own addresses are the clients and whose dummy device has the backends. */
  private static final class Director implements AutoCloseable {
    final Family family;
    final ServiceId service;
    final KernelModel model = new KernelModel(1);
    final LibcNetlinkSocket socket;
    final Requests toKernel;
    final Requests toModel;

    Director(Family family) throws IOException, InterruptedException {
      this.family = family;
      boolean four = family == Family.IPV4;
      Namespaces.shell(
          four
              ? """
                ip link set lo up
                ip link add d0 type dummy
                ip link set d0 up
                ip route add local 10.98.0.0/16 dev lo
                ip address add 10.99.0.1/32 dev lo
                ip route add 10.97.0.0/16 dev d0
                """
              : """
                ip link set lo up
                ip link add d0 type dummy
                ip link set d0 up
                echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind
                ip -6 route add local fd98::/16 dev lo
                ip -6 address add fd99::1/128 dev lo nodad
                ip -6 route add fd97::/16 dev d0
                """);
      service = new ServiceId(family, 17, IpAddress.parse(four ? "10.99.0.1" : "fd99::1"), PORT, 0);
      socket = LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC);
      toKernel = new Requests(socket);
      toModel = new Requests(model.open());
    }

    DestinationKey backend(int number) {
      return new DestinationKey(
          family == Family.IPV4
              ? new IpAddress(family, 0, 0x0a610000L + 7L * number + 1)
              : new IpAddress(family, (0xfd97L << 48) | (number * 0x10001L), 0x300000000L + number),
          PORT);
    }

    Client client(int number) {
      int port = 20000 + (number * 13) % 4096;
      return new Client(
          family == Family.IPV4
              ? new IpAddress(family, 0, 0x0a620000L + (number * 37L) % 65000 + 1)
              : new IpAddress(family, (0xfd98L << 48) | number, number * 0x5000000100L + 1),
          port);
    }

    private void both(IpvsCommand command, Requests.Nest named) {
      assertThat(toKernel.command(command, named)).isZero();
      assertThat(toModel.command(command, named)).isZero();
    }

    private void both(IpvsCommand command, Requests.Nest named, Requests.Nest destination) {
      assertThat(toKernel.command(command, named, destination)).isZero();
      assertThat(toModel.command(command, named, destination)).isZero();
    }

    void begin(String scheduler, int flags) {
      int netmask = family == Family.IPV4 ? -1 : 128;
      both(
          IpvsCommand.NEW_SERVICE,
          Requests.service(service, new ServiceSpec(scheduler, flags, -1, 0, netmask, "")));
    }

    void end() {
      both(IpvsCommand.DEL_SERVICE, Requests.service(service));
    }

    void destination(IpvsCommand command, int number, int weight) {
      DestinationSpec spec = new DestinationSpec(backend(number), 3, weight, 0, 0, 0, 0, 0);
      both(command, Requests.service(service), Requests.destination(spec));
    }

    void delete(int number) {
      both(IpvsCommand.DEL_DEST, Requests.service(service), Requests.destination(backend(number)));
    }

    void send(Client client) {
      var protocol =
          family == Family.IPV4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
      try (DatagramChannel channel = DatagramChannel.open(protocol)) {
        channel.bind(new InetSocketAddress(client.address().toInetAddress(), client.port()));
        channel.send(
            ByteBuffer.wrap(new byte[4]),
            new InetSocketAddress(service.address().toInetAddress(), PORT));
      } catch (IOException refused) {
        // No destination is available: the connection table then shows no entry, which is compared.
      }
    }

    MaglevTable table() {
      return MaglevTable.of(
          family,
          model.service(service).orElseThrow().destinations().stream()
              .map(d -> new MaglevTable.Member(d.key(), d.lastWeight()))
              .toList());
    }

    @Override
    public void close() {
      socket.close();
    }
  }

  /** Every client sends once to the service as it is; clients are numbered on. */
  private static int compare(Director director, int from, boolean mh, int flags, String when)
      throws IOException {
    for (int i = from; i < from + CLIENTS; i++) {
      director.send(director.client(i));
    }
    Map<Client, DestinationKey> expected = new HashMap<>();
    for (int i = from; i < from + CLIENTS; i++) {
      Client client = director.client(i);
      director
          .model
          .connect(client.address(), client.port(), director.service)
          .ifPresent(connection -> expected.put(client, connection.destination().key()));
    }
    Map<Client, DestinationKey> chosen =
        ConnectionTable.listUntil("UDP", all -> all.keySet().containsAll(expected.keySet()));
    MaglevTable table = director.table();
    int connected = 0;
    for (int i = from; i < from + CLIENTS; i++) {
      Client client = director.client(i);
      Optional<DestinationKey> kernels = Optional.ofNullable(chosen.get(client));
      connected += kernels.isPresent() ? 1 : 0;
      Optional<DestinationKey> models = Optional.ofNullable(expected.get(client));
      assertThat(models).as("%s: the model for client %s", when, client).isEqualTo(kernels);
      if (mh) {
        int port = (flags & HASH_PORT) != 0 ? client.port() : 0;
        Optional<DestinationKey> tables =
            (flags & FALLBACK) != 0
                ? table.lookup(
                    client.address(), port, key -> director.model.accepts(director.service, key))
                : table
                    .lookup(client.address(), port)
                    .filter(key -> director.model.accepts(director.service, key));
        assertThat(tables).as("%s: the table for client %s", when, client).isEqualTo(kernels);
      }
    }
    return connected;
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void choosesWhomTheKernelsMhChooses(Family family) throws Exception {
    Namespaces.inNew(
        () -> {
          try (Director director = new Director(family)) {
            int client = 0;
            for (int flags : new int[] {0, HASH_PORT, FALLBACK, FALLBACK | HASH_PORT}) {
              director.begin("mh", flags);
              for (int i = 0; i < 7; i++) {
                director.destination(IpvsCommand.NEW_DEST, i, 1 + i * i * 40);
              }
              compare(director, client, true, flags, "filled, flags " + flags);
              director.destination(IpvsCommand.SET_DEST, 5, 0);
              int connected =
                  compare(director, client + CLIENTS, true, flags, "drained, flags " + flags);
              assertThat(connected == CLIENTS).isEqualTo((flags & FALLBACK) != 0);
              director.delete(2);
              director.destination(IpvsCommand.NEW_DEST, 2, 100);
              director.delete(5);
              director.destination(IpvsCommand.NEW_DEST, 5, 0);
              compare(director, client + 2 * CLIENTS, true, flags, "reordered, flags " + flags);
              director.end();
              client += 3 * CLIENTS;
            }
          }
        });
  }

  @Test
  void choosesWhomTheKernelsMhChoosesAmongMany() throws Exception {
    Namespaces.inNew(
        () -> {
          try (Director director = new Director(Family.IPV4)) {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
              order.add(i);
            }
            Collections.shuffle(order, new Random(5));
            director.begin("mh", FALLBACK | HASH_PORT);
            for (int i : order) {
              director.destination(IpvsCommand.NEW_DEST, i, 1);
            }
            assertThat(compare(director, 0, true, FALLBACK | HASH_PORT, "500")).isEqualTo(CLIENTS);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "ovf", "sh"})
  void choosesWhomTheKernelsSchedulerChooses(String scheduler) throws Exception {
    Namespaces.inNew(
        () -> {
          try (Director director = new Director(Family.IPV4)) {
            director.begin(scheduler, FALLBACK | HASH_PORT);
            for (int i = 0; i < 5; i++) {
              director.destination(IpvsCommand.NEW_DEST, i, 1 + 3 * i);
            }
            compare(director, 0, false, 0, "filled");
            director.destination(IpvsCommand.SET_DEST, 4, 0);
            director.delete(1);
            compare(director, CLIENTS, false, 0, "changed");
            director.destination(IpvsCommand.NEW_DEST, 1, 2);
            director.destination(IpvsCommand.SET_DEST, 0, 5);
            compare(director, 2 * CLIENTS, false, 0, "changed back");
          }
        });
  }
}
