package dev.freeway.dataplane.ipvs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.kernel.Namespaces;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The module is in use while any namespace has a service of it, and namespaces of tests that ran
 * before are freed in the background: so this one is first.
 */
@Tag("kernel")
@Order(1)
class ModuleReloadKernelTest {
  /** Loaded again it has another number. */
  @Test
  void findsAModuleThatWasUnloadedAndLoadedAgain() throws Exception {
    Namespaces.enterNew();
    try (Ipvs ipvs = Ipvs.open(LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC))) {
      ServiceKey key = new ServiceKey(Protocol.TCP, IpAddress.parse("192.0.2.1"), 80);
      Command add =
          new Command.AddService(VirtualService.of(key, new Scheduler("rr", false, false)));
      assertThat(ipvs.execute(List.of(add))).allMatch(Answer::done);
      Namespaces.shell("ipvsadm -C; rmmod ip_vs_rr ip_vs; modprobe ip_vs");
      assertThat(ipvs.dump()).isEmpty();
      assertThat(ipvs.execute(List.of(add))).allMatch(Answer::done);
      assertThat(ipvs.dump()).hasSize(1);
    }
  }
}
