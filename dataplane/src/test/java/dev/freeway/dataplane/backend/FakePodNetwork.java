package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.link.Device;
import dev.freeway.dataplane.link.DeviceSetting;
import dev.freeway.dataplane.link.Link;
import dev.freeway.dataplane.link.LinkAddress;
import dev.freeway.dataplane.link.TunnelSpec;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A Pod's namespace: lo, and eth0 with the default route. New links filter as "default" says. */
final class FakePodNetwork implements PodNetwork {
  static final int UP = 0x1;
  static final int LOOPBACK = 0x8;
  static final int NOARP = 0x80;

  final Map<String, Device> devices = new LinkedHashMap<>();
  final List<LinkAddress> addresses = new ArrayList<>();
  final Set<PodState.GuePort> gue = new HashSet<>();
  final List<String> done = new ArrayList<>();
  final Set<String> unknownKinds = new HashSet<>();
  PodState.Settings all = new PodState.Settings(0, 0, 0);
  int defaultRpFilter;
  String table = "";
  private int links = 2;

  FakePodNetwork(String... own) {
    put(device(1, "lo", "", UP | LOOPBACK));
    put(device(2, "eth0", "veth", UP));
    for (String address : own) {
      IpAddress parsed = IpAddress.parse(address);
      addresses.add(new LinkAddress(2, parsed, parsed.family() == Family.IPV4 ? 24 : 64, 0));
    }
  }

  private static Device device(int index, String name, String kind, int flags) {
    return new Device(
        new Link(index, name, kind, flags, "02:00:0a:01:00:0b"),
        1500,
        0,
        0,
        0,
        0,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  private void put(Device device) {
    devices.put(device.link().name(), device);
  }

  /** A device as somebody else made it. */
  void put(String name, String kind, int flags, Optional<IpAddress> local, boolean checksum) {
    put(
        new Device(
            new Link(++links, name, kind, flags),
            1480,
            0,
            defaultRpFilter,
            0,
            0,
            local,
            Optional.empty(),
            checksum));
  }

  List<Step> plan(BackendNeeds needs) {
    return BackendPlan.of(state(), needs);
  }

  @Override
  public PodState state() {
    return new PodState(List.copyOf(devices.values()), addresses, Set.of(2), all, gue, table);
  }

  @Override
  public Optional<Device> device(String name) {
    return Optional.ofNullable(devices.get(name));
  }

  @Override
  public void addDummy(String name) {
    done.add("link " + name);
    put(name, "dummy", UP | NOARP, Optional.empty(), false);
  }

  @Override
  public void addTunnel(TunnelSpec tunnel) {
    if (unknownKinds.contains(tunnel.kind())) {
      throw new NetlinkException("add a link", Errno.EOPNOTSUPP, "Unknown device type");
    }
    done.add("tunnel " + tunnel.name());
    put(tunnel.name(), tunnel.kind(), UP | NOARP, Optional.of(tunnel.local()), tunnel.checksum());
  }

  @Override
  public void setUp(Link link) {
    done.add("up " + link.name());
    Device before = devices.get(link.name());
    if (before != null) {
      put(
          with(
              before,
              before.link().flags() | UP,
              before.rpFilter(),
              before.arpIgnore(),
              before.arpAnnounce()));
    }
  }

  private static Device with(
      Device device, int flags, int rpFilter, int arpIgnore, int arpAnnounce) {
    Link link = device.link();
    return new Device(
        new Link(link.index(), link.name(), link.kind(), flags, link.hardware()),
        device.mtu(),
        device.peer(),
        rpFilter,
        arpIgnore,
        arpAnnounce,
        device.local(),
        device.remote(),
        device.checksum());
  }

  @Override
  public void deleteLink(Link link) {
    done.add("delete " + link.name());
    devices.remove(link.name());
    addresses.removeIf(address -> address.link() == link.index());
  }

  @Override
  public void addAddress(LinkAddress address) {
    done.add("address " + address.address() + " on " + name(address.link()));
    addresses.add(address);
  }

  private String name(int index) {
    return devices.values().stream()
        .map(Device::link)
        .filter(link -> link.index() == index)
        .map(Link::name)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public void deleteAddress(LinkAddress address) {
    done.add("no address " + address.address() + " on " + name(address.link()));
    addresses.remove(address);
  }

  @Override
  public void set(Link link, DeviceSetting setting, int value) {
    done.add(setting + "=" + value + " on " + link.name());
    Device before = devices.get(link.name());
    if (before != null) {
      put(
          switch (setting) {
            case RP_FILTER ->
                with(
                    before, before.link().flags(), value, before.arpIgnore(), before.arpAnnounce());
            case ARP_IGNORE ->
                with(before, before.link().flags(), before.rpFilter(), value, before.arpAnnounce());
            case ARP_ANNOUNCE ->
                with(before, before.link().flags(), before.rpFilter(), before.arpIgnore(), value);
          });
    }
  }

  @Override
  public void addGue(PodState.GuePort port) {
    done.add("gue " + port.port() + " " + port.family());
    gue.add(port);
  }

  @Override
  public void nft(String commands) {
    done.add("nft");
    table = commands.contains("chain ") ? commands.replace("{ ", "").replace(" }", "") : "";
  }

  @Override
  public void close() {}
}
