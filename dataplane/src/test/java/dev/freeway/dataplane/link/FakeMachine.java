package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.sync.StateDirectory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/** A machine in memory that refuses as the kernel does, and is killed when a test says so. */
public final class FakeMachine implements Machine {
  /** The process was killed: whatever it did not tell the kernel stays undone. */
  static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  static final String HARDWARE = "02:00:0a:01:00:01";

  final List<Link> links = new CopyOnWriteArrayList<>();
  final List<LinkAddress> addresses = new CopyOnWriteArrayList<>();
  public final Map<String, String> sysctls = new HashMap<>();
  final Set<String> modules = new HashSet<>(Set.of("ip_vs", "ip_vs_rr"));
  final Set<String> neighbours = new HashSet<>();
  final Set<String> readOnly = new HashSet<>();
  public final List<String> log = new ArrayList<>();
  public String table = "";
  String filter = "";
  String untracked = "";
  public boolean library = true;
  public boolean takesNft = true;
  final List<byte[]> sent = new CopyOnWriteArrayList<>();
  final List<byte[]> arrived = new ArrayList<>();
  boolean sends = true;
  int writesUntilKilled = Integer.MAX_VALUE;

  /** A machine with two links, in a namespace where nobody has set anything. */
  public FakeMachine() {
    this(HARDWARE);
  }

  /** The same with another MAC address. */
  public FakeMachine(String hardware) {
    links.add(new Link(1, "lo", "", RouteNumbers.IFF_UP | RouteNumbers.IFF_LOOPBACK));
    links.add(
        new Link(2, "eth0", "veth", RouteNumbers.IFF_UP | RouteNumbers.IFF_RUNNING, hardware));
    addresses.add(new LinkAddress(2, IpAddress.parse("10.1.0.1"), 24, 0));
    addresses.add(new LinkAddress(2, IpAddress.parse("2001:db8:1::1"), 64, 0));
    for (String name :
        List.of("expire_nodest_conn", "expire_quiescent_template", "sloppy_tcp", "schedule_icmp")) {
      sysctls.put("net/ipv4/vs/" + name, "0");
    }
    sysctls.put("net/ipv4/vs/conntrack", "0");
    sysctls.put("net/ipv4/vs/conn_reuse_mode", "1");
    sysctls.put("net/ipv4/vs/pmtu_disc", "1");
    sysctls.put("net/ipv4/conf/all/accept_local", "0");
    sysctls.put("net/netfilter/nf_conntrack_tcp_be_liberal", "0");
    sysctls.put("net/ipv4/ip_forward", "0");
    sysctls.put("net/ipv6/conf/all/forwarding", "0");
    sysctls.put("net/ipv4/conf/all/arp_ignore", "0");
    sysctls.put("net/ipv4/conf/all/accept_redirects", "0");
    for (String link : List.of("all", "default", "eth0")) {
      sysctls.put("net/ipv4/conf/" + link + "/send_redirects", "1");
    }
    sysctls.put("net/ipv4/conf/eth0/forwarding", "0");
    sysctls.put("net/ipv4/conf/eth0/arp_ignore", "0");
    sysctls.put("net/ipv4/conf/eth0/arp_announce", "0");
    sysctls.put("net/ipv6/conf/eth0/accept_ra", "1");
  }

  /** What prepares this machine, as the program opens it. */
  public LinkHost host(StateDirectory state, Namespace namespace, boolean setsSysctls) {
    return new LinkHost(this, state, namespace, setsSysctls);
  }

  /** The same on a clock of the test's. */
  public LinkHost host(
      StateDirectory state, Namespace namespace, boolean setsSysctls, LongSupplier clock) {
    return new LinkHost(this, state, namespace, setsSysctls, clock);
  }

  /** Somebody puts an address on eth0. */
  public void put(String address, int bits) {
    addresses.add(new LinkAddress(2, IpAddress.parse(address), bits, 0));
  }

  /** Somebody takes an address from eth0. */
  public void take(String address) {
    addresses.removeIf(held -> held.link() == 2 && held.address().equals(IpAddress.parse(address)));
  }

  /** Whether a cable is in eth0. */
  public void carrier(boolean there) {
    int running = there ? RouteNumbers.IFF_RUNNING : 0;
    links.replaceAll(
        link ->
            link.index() == 2
                ? new Link(2, "eth0", "veth", RouteNumbers.IFF_UP | running, link.hardware())
                : link);
  }

  /** How many frames it sent. */
  public int frames() {
    return sent.size();
  }

  private void write(String what) {
    if (writesUntilKilled-- <= 0) {
      throw new Killed();
    }
    log.add(what);
  }

  @Override
  public List<Link> links() {
    return List.copyOf(links);
  }

  @Override
  public List<LinkAddress> addresses() {
    return List.copyOf(addresses);
  }

  @Override
  public void addDummy(String name) {
    write("add link " + name);
    int index = 1 + links.stream().mapToInt(Link::index).max().orElse(0);
    links.add(new Link(index, name, "dummy", RouteNumbers.IFF_UP));
  }

  @Override
  public void setUp(Link link) {
    write("set up " + link.name());
    links.replaceAll(
        held ->
            held.index() == link.index()
                ? new Link(
                    held.index(), held.name(), held.kind(), held.flags() | 1, held.hardware())
                : held);
  }

  @Override
  public void deleteLink(Link link) {
    write("delete link " + link.name());
    links.removeIf(held -> held.index() == link.index());
    addresses.removeIf(held -> held.link() == link.index());
  }

  @Override
  public void addAddress(LinkAddress address) {
    write("add address " + address.address());
    if (links.stream().noneMatch(link -> link.index() == address.link())) {
      throw new NetlinkException("add an address", Errno.ENODEV, "no such link");
    }
    addresses.add(address);
  }

  @Override
  public void deleteAddress(LinkAddress address) {
    write("delete address " + address.address());
    addresses.remove(address);
  }

  @Override
  public void lendAddress(LinkAddress address, long seconds) {
    String time = seconds == Announcer.FOREVER ? "for ever" : "for " + seconds + " s";
    if (addresses.contains(address)) {
      log.add("renew address " + address.address() + " " + time);
      return;
    }
    write("lend address " + address.address() + " " + time);
    addresses.add(address);
  }

  @Override
  public void send(Link link, byte[] frame) {
    if (!sends) {
      throw new NetlinkException("send a frame", Errno.EPERM, "EPERM");
    }
    sent.add(frame);
  }

  @Override
  public List<byte[]> heard(Link link) {
    List<byte[]> all = List.copyOf(arrived);
    arrived.clear();
    return all;
  }

  @Override
  public void hearNothing() {
    log.add("hear nothing");
  }

  @Override
  public Optional<String> sysctl(String path) {
    return Optional.ofNullable(sysctls.get(path));
  }

  @Override
  public void setSysctl(String path, String value) {
    write("set " + path + "=" + value);
    if (readOnly.contains(path)) {
      throw new HostException("Read-only file system", 0, "a /proc/sys that may be written");
    }
    sysctls.put(path, value);
    if (path.equals(DirectorSysctls.FORWARD4)) { // inet_forward_change
      sysctls.put("net/ipv4/conf/all/accept_redirects", value.equals("1") ? "0" : "1");
      sysctls.put("net/ipv4/conf/eth0/forwarding", value);
    }
  }

  @Override
  public void awaitPackets() {
    log.add("await packets");
  }

  @Override
  public boolean hasModule(String name) {
    return modules.contains(name);
  }

  @Override
  public boolean loadModule(String name) {
    write("load " + name);
    return modules.add(name);
  }

  @Override
  public String ruleset(NftTable asked) {
    return switch (asked) {
      case SOURCE_NAT -> table;
      case SOURCE_RANGES -> filter;
      case UNTRACKED -> untracked;
    };
  }

  @Override
  public void checkNft() {
    if (!library) {
      throw new HostException("libnftables.so.1 is not installed", 0, "apt-get install it");
    }
  }

  @Override
  public void nft(NftTable changed, String commands) {
    checkNft();
    if (!takesNft) {
      throw new HostException("Error: Could not process rule", 0, "modprobe nft_masq");
    }
    boolean clears = commands.equals(changed.clear());
    write((clears ? "clear " : "write ") + changed.kind().text().replace('-', ' '));
    String now = clears ? "" : changed.name() + ":" + commands.hashCode();
    switch (changed) {
      case SOURCE_NAT -> table = now;
      case SOURCE_RANGES -> filter = now;
      case UNTRACKED -> untracked = now;
    }
  }

  @Override
  public Set<String> neighbours(List<Link> ignored) {
    return Set.copyOf(neighbours);
  }

  /** The addresses of services that it answers for, as text. */
  public List<String> answers() {
    return addresses.stream()
        .filter(held -> held.link() == 2 && held.bits() == held.address().family().bits())
        .map(held -> held.address().toString())
        .sorted()
        .toList();
  }

  /** Addresses on our link, as text. */
  List<String> ours() {
    int index =
        links.stream()
            .filter(link -> link.name().equals(HostPlan.LINK))
            .mapToInt(Link::index)
            .findFirst()
            .orElse(-1);
    return addresses.stream()
        .filter(held -> held.link() == index)
        .map(held -> held.address() + "/" + held.bits())
        .sorted()
        .toList();
  }

  @Override
  public void close() {}
}
