package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.link.Device;
import dev.freeway.dataplane.link.DeviceSetting;
import dev.freeway.dataplane.link.Link;
import dev.freeway.dataplane.link.LinkAddress;
import dev.freeway.dataplane.link.Modules;
import dev.freeway.dataplane.link.Route;
import dev.freeway.dataplane.link.RouteNetlink;
import dev.freeway.dataplane.link.Sysctls;
import dev.freeway.dataplane.link.TunnelSpec;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The network namespace that the calling thread is in, and stays in. */
final class KernelPodNetwork implements PodNetwork {
  private static final int UNICAST = 1;
  private static final int MAIN_TABLE = 254;

  private final RouteNetlink route = new RouteNetlink(open(Netlink.NETLINK_ROUTE));
  private final Fou fou = new Fou(open(Netlink.NETLINK_GENERIC));
  private final Sysctls sysctls = new Sysctls(Path.of("/proc/sys"));
  private final Modules modules = Modules.ofThisKernel();
  private final Nft nft = new Nft(modules, "makes TCP's segments fit into tunnels");

  private static LibcNetlinkSocket open(int protocol) {
    return LibcNetlinkSocket.open(protocol);
  }

  @Override
  public PodState state() {
    Set<Integer> uplinks = new HashSet<>();
    for (Route one : route.routes()) {
      if (one.bits() == 0 && one.table() == MAIN_TABLE && one.type() == UNICAST) {
        uplinks.add(one.link());
      }
    }
    return new PodState(
        route.devices(),
        route.addresses(),
        uplinks,
        new PodState.Settings(all("rp_filter"), all("arp_ignore"), all("arp_announce")),
        fou.ports(),
        nft.listing(MssClamp.list()));
  }

  private int all(String name) {
    return sysctls.read("net/ipv4/conf/all/" + name).map(Integer::parseInt).orElse(0);
  }

  @Override
  public Optional<Device> device(String name) {
    return route.devices().stream().filter(device -> device.link().name().equals(name)).findFirst();
  }

  @Override
  public void addDummy(String name) {
    route.addDummy(name);
  }

  @Override
  public void addTunnel(TunnelSpec tunnel) {
    try {
      route.addTunnel(tunnel);
    } catch (NetlinkException e) {
      if (e.errno() != Errno.EOPNOTSUPP) {
        throw e;
      }
      throw new PreparationException(
          "this kernel has no links of kind " + tunnel.kind(),
          "the module on the node: modprobe "
              + PreparedLinks.moduleOf(tunnel.kind())
              + "; a container may not load it");
    }
  }

  @Override
  public void setUp(Link link) {
    route.setUp(link);
  }

  @Override
  public void deleteLink(Link link) {
    route.deleteLink(link);
  }

  @Override
  public void addAddress(LinkAddress address) {
    route.addAddress(address);
  }

  @Override
  public void deleteAddress(LinkAddress address) {
    route.deleteAddress(address);
  }

  @Override
  public void set(Link link, DeviceSetting setting, int value) {
    route.set(link, setting, value);
  }

  @Override
  public void addGue(PodState.GuePort port) {
    try {
      fou.add(port);
    } catch (NetlinkException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      if (!modules.load("fou")) {
        throw new PreparationException(
            "the module fou is not loaded",
            "it on the node: modprobe -a fou fou6; a container may not load it");
      }
      fou.add(port);
    }
  }

  @Override
  public void nft(String commands) {
    nft.run(commands);
  }

  @Override
  public void close() {
    route.close();
    fou.close();
  }
}
