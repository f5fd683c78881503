package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.link.Device;
import dev.freeway.dataplane.link.DeviceSetting;
import dev.freeway.dataplane.link.LinkAddress;
import dev.freeway.dataplane.link.TunnelSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a namespace lacks to be a real server, and what of ours it has too much: pure. A need counts
 * as met however it was met, also by hand; what is added is on links of our own names, so that it
 * can be told apart and taken away.
 *
 * <p>The order is that in which nothing goes wrong meanwhile: an address is there only when nobody
 * on the segment can be told of it by ARP, and before the first packet may be taken off its outer
 * header.
 */
final class BackendPlan {
  private static final int STRICT = 1;
  private static final int LOOSE = 2;
  private static final int IFA_F_NODAD = 0x2;

  /** Any that nobody else has: it only has to be there. */
  private static final IpAddress ANY = IpAddress.parse("127.0.0.42");

  private final PodState state;
  private final BackendNeeds needs;
  private final List<Step> steps = new ArrayList<>();

  private BackendPlan(PodState state, BackendNeeds needs) {
    this.state = state;
    this.needs = needs;
  }

  /**
   * The steps from what is to what is needed; none when all is well.
   *
   * @throws PreparationException when no namespace can meet the needs together
   */
  static List<Step> of(PodState state, BackendNeeds needs) {
    long checksums =
        needs.tunnels().stream().filter(Encapsulation.Gre.class::isInstance).distinct().count();
    if (checksums > 1) {
      throw new PreparationException(
          "GRE with a checksum for one service and without for another",
          "the same freeway.dev/encapsulation on Services that share Pods: a kernel's device takes"
              + " one or the other");
    }
    BackendPlan plan = new BackendPlan(state, needs);
    if (!needs.addresses().isEmpty()) {
      plan.silence();
      plan.addresses();
      plan.tunnels();
      plan.gue();
    }
    plan.clamp();
    plan.leftovers();
    return List.copyOf(plan.steps);
  }

  private void add(String name, String what, String why, String command, Step.Change change) {
    steps.add(new Step(name, what, why, command, change));
  }

  /** Only the router is to answer for the addresses on the segment; ND asks nothing of the kind. */
  private void silence() {
    if (!needs.has(Family.IPV4)) {
      return;
    }
    for (Device device : state.devices()) {
      boolean heard = device.asksByArp() && device.link().up();
      if (heard && !PreparedLinks.ours(device.link().name())) {
        if (Math.max(device.arpIgnore(), state.all().arpIgnore()) < 1) {
          set(
              device,
              DeviceSetting.ARP_IGNORE,
              1,
              "otherwise it answers ARP for the services' addresses in the router's place, and"
                  + " clients on the segment pass the router");
        }
        if (Math.max(device.arpAnnounce(), state.all().arpAnnounce()) < 2) {
          set(
              device,
              DeviceSetting.ARP_ANNOUNCE,
              2,
              "otherwise it names a service's address as its own when it asks by ARP, and others"
                  + " learn it");
        }
      }
    }
  }

  private void set(Device device, DeviceSetting setting, int value, String why) {
    String name = setting.name().toLowerCase(Locale.ROOT);
    add(
        name.replace('_', '-'),
        name + "=" + value + " on " + device.link().name(),
        why,
        "sysctl -w net.ipv4.conf." + device.link().name() + "." + name + "=" + value,
        network -> network.set(device.link(), setting, value));
  }

  private void addresses() {
    List<IpAddress> missing =
        needs.addresses().stream().filter(address -> !state.isLocal(address)).toList();
    Optional<Device> link = state.device(PreparedLinks.ADDRESSES);
    if (!missing.isEmpty() && link.isEmpty()) {
      add(
          "link",
          "link " + PreparedLinks.ADDRESSES,
          "it holds the services' addresses where no neighbour sees them",
          "ip link add " + PreparedLinks.ADDRESSES + " type dummy",
          network -> network.addDummy(PreparedLinks.ADDRESSES));
    }
    up(link);
    for (IpAddress address : missing) {
      add(
          "address",
          "address " + address + " on " + PreparedLinks.ADDRESSES,
          "otherwise what comes for the service is none of its own and is dropped",
          "ip address add "
              + address
              + "/"
              + address.family().bits()
              + " dev "
              + PreparedLinks.ADDRESSES
              + (address.family() == Family.IPV6 ? " nodad" : ""),
          network -> network.addAddress(held(network, address)));
    }
  }

  private static LinkAddress held(PodNetwork network, IpAddress address) {
    Device link =
        network
            .device(PreparedLinks.ADDRESSES)
            .orElseThrow(
                () ->
                    new PreparationException(
                        "the link " + PreparedLinks.ADDRESSES + " went away meanwhile",
                        "nobody else to change links of this name"));
    return new LinkAddress(link.link().index(), address, address.family().bits(), IFA_F_NODAD);
  }

  private void up(Optional<Device> device) {
    device
        .filter(one -> !one.link().up())
        .ifPresent(
            one ->
                add(
                    "link-down",
                    "link " + one.link().name() + " up",
                    "nothing comes in by a link that is down",
                    "ip link set " + one.link().name() + " up",
                    network -> network.setUp(one.link())));
  }

  private void tunnels() {
    Set<PreparedLinks.Tunnel> done = new LinkedHashSet<>();
    for (Encapsulation encapsulation : needs.tunnels()) {
      boolean checksum = encapsulation instanceof Encapsulation.Gre gre && gre.checksum();
      for (PreparedLinks.Tunnel tunnel : PreparedLinks.of(encapsulation)) {
        Optional<IpAddress> own = state.own(tunnel.outer());
        boolean inside = tunnel.inner().stream().anyMatch(needs::has);
        if (own.isPresent() && inside && done.add(tunnel)) {
          tunnel(tunnel, own.get(), checksum);
        }
      }
    }
  }

  private void tunnel(PreparedLinks.Tunnel tunnel, IpAddress own, boolean checksum) {
    Optional<Device> there =
        state.devices().stream()
            .filter(
                device ->
                    device.link().kind().equals(tunnel.kind())
                        && device.remote().isEmpty()
                        && device.checksum() == checksum
                        && device.local().map(own::equals).orElse(true)
                        && (device.link().up() || PreparedLinks.ours(device.link().name())))
            .findFirst();
    Optional<Device> other =
        state
            .device(tunnel.name())
            .filter(device -> there.map(one -> !one.equals(device)).orElse(true));
    other.ifPresent(device -> remove(device, "it ends at another address, or takes other packets"));
    if (there.isPresent()) {
      up(there);
      if (tunnel.inner().contains(Family.IPV4)) {
        reversePath(there.get());
      }
      return;
    }
    TunnelSpec spec = new TunnelSpec(tunnel.name(), tunnel.kind(), own, checksum);
    add(
        "tunnel",
        "tunnel " + spec.name() + " of kind " + spec.kind() + " at " + own,
        "without it the outer header is not taken off, and the packet is dropped",
        "ip link add "
            + spec.name()
            + " type "
            + spec.kind()
            + " local "
            + own
            + (spec.checksum() ? " icsum" : "")
            + " && ip link set "
            + spec.name()
            + " up; where the kernel knows no such kind, on the node: modprobe "
            + tunnel.module(),
        network -> {
          network.addTunnel(spec);
          if (tunnel.inner().contains(Family.IPV4)) {
            network.device(spec.name()).ifPresent(device -> letIn(network, device));
          }
        });
  }

  /**
   * A client's packet comes out of the tunnel, but the way to the client leads elsewhere. The
   * kernel lets it pass where the filter is off, or loose and the link has an address
   * (__fib_validate_source).
   */
  private void reversePath(Device device) {
    if (strict(device)) {
      set(
          device,
          DeviceSetting.RP_FILTER,
          LOOSE,
          "a packet out of the tunnel is dropped, for the way back to its client leads out by"
              + " another link");
    }
    boolean addressed =
        state.addresses().stream()
            .anyMatch(
                address ->
                    address.link() == device.link().index()
                        && address.address().family() == Family.IPV4);
    if (filters(device) && !addressed) {
      add(
          "tunnel-address",
          "an address of IPv4 on " + device.link().name(),
          "rp_filter drops whatever comes in by a link without one",
          "ip address add " + ANY + "/32 dev " + device.link().name(),
          network -> network.addAddress(any(device)));
    }
  }

  private boolean strict(Device device) {
    return Math.max(device.rpFilter(), state.all().rpFilter()) == STRICT;
  }

  private boolean filters(Device device) {
    return Math.max(device.rpFilter(), state.all().rpFilter()) != 0;
  }

  private static LinkAddress any(Device device) {
    return new LinkAddress(device.link().index(), ANY, ANY.family().bits(), 0);
  }

  /** As {@link #reversePath}, of a link that was just made. */
  private void letIn(PodNetwork network, Device device) {
    if (strict(device)) {
      network.set(device.link(), DeviceSetting.RP_FILTER, LOOSE);
    }
    if (filters(device)) {
      network.addAddress(any(device));
    }
  }

  private void gue() {
    for (Encapsulation encapsulation : needs.tunnels()) {
      if (encapsulation instanceof Encapsulation.Gue gue) {
        for (Family family : Family.values()) {
          PodState.GuePort port = new PodState.GuePort(family, gue.port());
          if (state.own(family).isPresent() && !state.gue().contains(port)) {
            add(
                "gue",
                "GUE on UDP port " + gue.port() + " of " + family,
                "without it nobody takes the outer UDP header off",
                "ip "
                    + (family == Family.IPV6 ? "-6 " : "")
                    + "fou add port "
                    + gue.port()
                    + " gue; before that, on the node: modprobe -a fou fou6",
                network -> network.addGue(port));
          }
        }
      }
    }
  }

  private void clamp() {
    Optional<Device> uplink = state.uplink();
    if (needs.tunnels().isEmpty() || needs.addresses().isEmpty() || uplink.isEmpty()) {
      if (!state.clamp().isEmpty()) {
        add(
            "clamp-left",
            "no table inet freeway-backend",
            "nothing comes through tunnels",
            "nft delete table inet freeway-backend",
            network -> network.nft(MssClamp.delete()));
      }
      return;
    }
    // The longer outer header, where it may be either.
    Family outer = state.own(Family.IPV6).isPresent() ? Family.IPV6 : Family.IPV4;
    int mtu = uplink.get().mtu();
    if (MssClamp.isIn(state.clamp(), needs, mtu, outer)) {
      return;
    }
    String table = MssClamp.replace(needs, mtu, outer);
    add(
        "clamp",
        "segments of at most "
            + MssClamp.size(needs, mtu, outer, Family.IPV4)
            + " bytes over IPv4, "
            + MssClamp.size(needs, mtu, outer, Family.IPV6)
            + " over IPv6",
        "otherwise clients send packets that are longer than "
            + mtu
            + " bytes once they are in the tunnel: small requests work, large ones hang",
        "nft -f - <<'NFT'\n" + table + "NFT",
        network -> network.nft(table));
  }

  /** What an earlier preparation made and nobody needs. */
  private void leftovers() {
    Optional<Device> link = state.device(PreparedLinks.ADDRESSES);
    if (link.isPresent()) {
      for (LinkAddress address : state.addresses()) {
        if (address.link() == link.get().link().index()
            && !address.address().isLinkLocal6()
            && !needs.addresses().contains(address.address())) {
          add(
              "address-left",
              "no address " + address.address() + " on " + PreparedLinks.ADDRESSES,
              "no service needs it, and what it sends there stays here",
              "ip address del "
                  + address.address()
                  + "/"
                  + address.bits()
                  + " dev "
                  + PreparedLinks.ADDRESSES,
              network -> network.deleteAddress(address));
        }
      }
      if (needs.addresses().isEmpty()) {
        remove(link.get(), "no service needs it");
      }
    }
    for (Device device : state.devices()) {
      String name = device.link().name();
      boolean wanted =
          !needs.addresses().isEmpty()
              && needs.tunnels().stream()
                  .flatMap(tunnel -> PreparedLinks.of(tunnel).stream())
                  .anyMatch(tunnel -> tunnel.name().equals(name));
      if (PreparedLinks.ours(name) && !name.equals(PreparedLinks.ADDRESSES) && !wanted) {
        remove(device, "no service needs it");
      }
    }
  }

  private void remove(Device device, String why) {
    add(
        "link-left",
        "no link " + device.link().name(),
        why,
        "ip link delete " + device.link().name(),
        network -> network.deleteLink(device.link()));
  }
}
