package dev.freeway.dataplane.lab;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ListedService;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.suite.DataPlaneSuite;
import dev.freeway.dataplane.suite.Plane;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The kernel's IPVS by NAT: clients on r1, the table on lb, backends that answer through it. A
 * port's connections outlive a test in the kernel, so that no service has another's.
 */
@Tag("kernel")
@Tag("behaviour") // long, and asked of the oldest and the newest kernel alone
@ExtendWith(SharedSegment.class)
class KernelSuiteKernelTest extends DataPlaneSuite {
  private static final int FIRST_CLIENT = 32;

  private static Segment segment;
  private static int nextPort = 8000;

  /** The sysctls are a director's: {@code link.DirectorSysctls}. */
  @BeforeAll
  static void setUp(Segment shared) throws Exception {
    segment = shared;
    segment.clear();
    segment.topology("for b in b1 b2 b3; do topology_backend_return $b through; done");
    segment
        .machine("lb")
        .shell(
            """
            cd /proc/sys/net
            for name in all default eth0; do echo 0 > ipv4/conf/$name/send_redirects; done
            echo 1 > ipv4/ip_forward
            echo 1 > ipv6/conf/all/forwarding
            ip addr add %s/32 dev lo
            ip addr add %s/128 dev lo nodad
            cd ipv4/vs
            for name in expire_nodest_conn expire_quiescent_template sloppy_tcp schedule_icmp; do
              echo 1 > $name
            done
            echo 2 > conn_reuse_mode
            """
                .formatted(Segment.VIP4, Segment.VIP6));
    addresses("replace");
  }

  @AfterAll
  static void tearDown() throws Exception {
    addresses("del");
  }

  private static void addresses(String verb) throws Exception {
    StringBuilder commands = new StringBuilder();
    for (int i = 0; i < Plane.CLIENTS; i++) {
      for (Family family : Family.values()) {
        commands.append("ip addr %s %s/".formatted(verb, clientAddress(family, i)));
        commands.append(family == Family.IPV4 ? "24 dev eth0\n" : "64 dev eth0 nodad\n");
      }
    }
    segment.machine("r1").shell(commands.toString());
  }

  private static IpAddress clientAddress(Family family, int index) {
    int last = FIRST_CLIENT + index;
    return IpAddress.parse(
        family == Family.IPV4 ? "10.2.0." + last : "fd00:2::" + Integer.toHexString(last));
  }

  @Override
  protected Plane open() throws Exception {
    IpvsTable table =
        segment
            .machine("lb")
            .call(() -> Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC)));
    return new InLab(table);
  }

  private record InLab(IpvsTable table) implements Plane {
    @Override
    public ServiceKey service(Protocol protocol, Family family) {
      return new ServiceKey(protocol, Segment.vip(family), nextPort++);
    }

    @Override
    public IpAddress backend(Family family, int index) {
      return Segment.address(Segment.BACKENDS.get(index), family);
    }

    @Override
    public IpAddress client(Family family, int index) {
      return clientAddress(family, index);
    }

    @Override
    public <T> T onBackend(int index, Callable<T> task) throws Exception {
      return segment.machine(Segment.BACKENDS.get(index)).call(task);
    }

    @Override
    public <T> T onClients(Callable<T> task) throws Exception {
      return segment.machine("r1").call(task);
    }

    @Override
    public void close() {
      List<Command> deletions = new ArrayList<>();
      for (ListedService service : table.services()) {
        service
            .value()
            .value()
            .map(VirtualService::key)
            .ifPresent(key -> deletions.add(new Command.DeleteService(key)));
      }
      table.execute(deletions);
      table.close();
    }
  }
}
