package dev.freeway.dataplane.suite;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.relay.RelayTable;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.util.concurrent.Callable;

/** The relay, on loopback: a client, a service and a backend are known by their addresses. */
class RelaySuiteTest extends DataPlaneSuite {
  @Override
  protected Plane open() {
    return new Loopback(RelayTable.open(System::nanoTime, _ -> {}));
  }

  private record Loopback(IpvsTable table) implements Plane {
    private static IpAddress local(Family family, int last) {
      return IpAddress.parse(family == Family.IPV4 ? "127.0.0." + last : "::1");
    }

    @Override
    public ServiceKey service(Protocol protocol, Family family) throws Exception {
      IpAddress address = local(family, 1);
      int port;
      if (protocol == Protocol.TCP) {
        try (ServerSocket free = new ServerSocket(0, 1, address.toInetAddress())) {
          port = free.getLocalPort();
        }
      } else {
        try (DatagramSocket free = new DatagramSocket(0, address.toInetAddress())) {
          port = free.getLocalPort();
        }
      }
      return new ServiceKey(protocol, address, port);
    }

    @Override
    public IpAddress backend(Family family, int index) {
      return local(family, 11 + index);
    }

    @Override
    public IpAddress client(Family family, int index) {
      return local(family, 32 + index);
    }

    @Override
    public <T> T onBackend(int index, Callable<T> task) throws Exception {
      return task.call();
    }

    @Override
    public <T> T onClients(Callable<T> task) throws Exception {
      return task.call();
    }

    @Override
    public void close() {
      table.close();
    }

    @Override
    public int unknownScheduler() {
      return Errno.EOPNOTSUPP;
    }

    @Override
    public boolean passesOverWhoRefuses() {
      return true;
    }

    @Override
    public boolean countsHeaders() {
      return false;
    }

    @Override
    public boolean tellsOfDatagramsInVain() {
      return false;
    }
  }
}
