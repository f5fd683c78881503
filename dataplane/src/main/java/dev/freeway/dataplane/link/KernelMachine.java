package dev.freeway.dataplane.link;

import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.libc.MemoryBarrier;
import dev.freeway.dataplane.libc.NetlinkNotices;
import dev.freeway.dataplane.libc.Nftables;
import dev.freeway.dataplane.libc.PacketSocket;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * This machine, in the network namespace of the thread that calls. Sockets are opened when they are
 * first needed, and anew after one failed. Used by one thread.
 */
final class KernelMachine implements Machine {
  private final Sysctls sysctls = new Sysctls(Path.of("/proc/sys"));
  private final Modules modules = Modules.ofThisKernel();

  /**
   * ARP, and ICMPv6 messages of type 136 that came through no router, in the words of classic BPF:
   * a machine that balances must not be handed every packet.
   */
  private static final List<PacketSocket.Instruction> HEARD =
      List.of(
          PacketSocket.Instruction.loadHalf(12), // EtherType
          PacketSocket.Instruction.jumpIfEqual(0x0806, 7, 0),
          PacketSocket.Instruction.jumpIfEqual(0x86dd, 0, 7),
          PacketSocket.Instruction.loadByte(14 + 6), // next header
          PacketSocket.Instruction.jumpIfEqual(58, 0, 5),
          PacketSocket.Instruction.loadByte(14 + 7), // hop limit
          PacketSocket.Instruction.jumpIfEqual(255, 0, 3),
          PacketSocket.Instruction.loadByte(14 + 40), // type of the ICMPv6 message
          PacketSocket.Instruction.jumpIfEqual(136, 0, 1),
          PacketSocket.Instruction.accept(256),
          PacketSocket.Instruction.accept(0));

  private final Map<Integer, PacketSocket> listeners = new HashMap<>(); // by link
  private @Nullable PacketSocket sender;
  private @Nullable RouteNetlink route;
  private @Nullable NetlinkNotices notices;
  private @Nullable List<Link> links;
  private @Nullable List<LinkAddress> addresses;
  private @Nullable Netfilter netfilter;
  private @Nullable Nftables nftables;
  private long listedGeneration = -1;
  private final Map<NftTable, String> listed = new EnumMap<>(NftTable.class);
  private long chainsGeneration = -1;
  private Set<String> chainOwners = Set.of();

  private <T> T route(Function<RouteNetlink, T> use) {
    if (route == null) {
      route = new RouteNetlink(LibcNetlinkSocket.open(Netlink.NETLINK_ROUTE));
    }
    return use.apply(route);
  }

  private Netfilter netfilter() {
    if (netfilter == null) {
      netfilter = new Netfilter(LibcNetlinkSocket.open(Netlink.NETLINK_NETFILTER));
    }
    return netfilter;
  }

  /** A thousand addresses take a while to read, and hardly ever change. */
  @Override
  public List<Link> links() {
    forgetWhatChanged();
    links = known(links, RouteNetlink::links);
    return links;
  }

  @Override
  public List<LinkAddress> addresses() {
    forgetWhatChanged();
    addresses = known(addresses, RouteNetlink::addresses);
    return addresses;
  }

  private <T> List<T> known(@Nullable List<T> known, Function<RouteNetlink, List<T>> read) {
    return known == null ? List.copyOf(route(read)) : known;
  }

  /** What changes after this and before it is read is read, and heard of later. */
  private void forgetWhatChanged() {
    if (notices == null) {
      notices =
          NetlinkNotices.open(
              Netlink.NETLINK_ROUTE,
              RouteNumbers.RTMGRP_LINK
                  | RouteNumbers.RTMGRP_IPV4_IFADDR
                  | RouteNumbers.RTMGRP_IPV6_IFADDR);
    } else if (!notices.heard()) {
      return;
    }
    links = null;
    addresses = null;
  }

  @Override
  public void addDummy(String name) {
    change(Errno.EEXIST, netlink -> netlink.addDummy(name));
  }

  @Override
  public void setUp(Link link) {
    change(0, netlink -> netlink.setUp(link));
  }

  @Override
  public void deleteLink(Link link) {
    change(Errno.ENODEV, netlink -> netlink.deleteLink(link));
  }

  @Override
  public void addAddress(LinkAddress address) {
    change(Errno.EEXIST, netlink -> netlink.addAddress(address));
  }

  @Override
  public void deleteAddress(LinkAddress address) {
    change(Errno.EADDRNOTAVAIL, netlink -> netlink.deleteAddress(address));
  }

  @Override
  public void lendAddress(LinkAddress address, long seconds) {
    change(0, netlink -> netlink.lendAddress(address, seconds));
  }

  @Override
  public void send(Link link, byte[] frame) {
    if (sender == null) {
      sender = PacketSocket.toSend();
    }
    sender.send(link.index(), frame);
  }

  @Override
  public List<byte[]> heard(Link link) {
    return listeners
        .computeIfAbsent(link.index(), index -> PacketSocket.toHear(index, HEARD))
        .received();
  }

  @Override
  public void hearNothing() {
    listeners.values().forEach(PacketSocket::close);
    listeners.clear();
  }

  /** A change on rtnetlink. */
  private interface RouteChange {
    void on(RouteNetlink netlink);
  }

  /** Makes a change; the errno that says that it is so already is none. */
  private void change(int already, RouteChange change) {
    route(
        netlink -> {
          try {
            change.on(netlink);
          } catch (NetlinkException e) {
            if (e.errno() != already) {
              throw e;
            }
          }
          return true;
        });
  }

  @Override
  public Optional<String> sysctl(String path) {
    return sysctls.read(path);
  }

  @Override
  public void setSysctl(String path, String value) {
    String byHand = "sysctl -w " + WantedSysctl.name(path) + "=" + value;
    switch (sysctls.write(path, value)) {
      case Sysctls.Written.Done _ -> {}
      case Sysctls.Written.Missing _ ->
          throw new HostException("this kernel does not have it", 0, "a kernel that has it");
      case Sysctls.Written.Refused refused ->
          throw new HostException(
              refused.reason(),
              refused.reason().contains("Read-only file system") ? Errno.EROFS : 0,
              "a /proc/sys that may be written: root, and a privileged container; or on the machine: "
                  + byHand);
    }
  }

  @Override
  public void awaitPackets() {
    MemoryBarrier.await();
  }

  @Override
  public boolean hasModule(String name) {
    return modules.has(name);
  }

  @Override
  public boolean loadModule(String name) {
    return modules.load(name);
  }

  @Override
  public String ruleset(NftTable table) {
    if (!modules.has("nf_tables")) {
      return "";
    }
    long generation = netfilter().generation();
    if (generation != listedGeneration) {
      listed.clear();
      listedGeneration = generation;
    }
    String known = listed.get(table);
    if (known == null) {
      Nftables.Answer answer = library().run(table.list());
      known = answer.done() ? digest(answer.output()) : "";
      listed.put(table, known);
    }
    return known;
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private Nftables library() {
    if (nftables == null) {
      nftables =
          Nftables.load()
              .orElseThrow(
                  () ->
                      new HostException(
                          "libnftables.so.1 is not installed",
                          0,
                          "libnftables for source NAT and source ranges: apt-get install"
                              + " libnftables1, or the package nftables elsewhere; or Services"
                              + " without: freeway.dev/snat: \"false\""));
    }
    return nftables;
  }

  @Override
  public void checkNft() {
    library();
  }

  @Override
  public void nft(NftTable table, String commands) {
    Nftables library = library();
    netfilter().generation(); // loads nf_tables, or says that this kernel has none
    listedGeneration = -1;
    Nftables.Answer answer = library.run(commands);
    if (!answer.done()) {
      String first = answer.error().lines().findFirst().orElse("nft refused");
      boolean permission = first.contains("Operation not permitted");
      // With the capability too, for nobody but the owner of a table changes it (nft_table_lookup).
      if (permission && library.run(table.list()).output().contains("flags owner")) {
        throw new HostException(
            first,
            0,
            "nobody else to own the "
                + table
                + ": another process made it with the flag owner, and it goes when that one ends;"
                + " nft list "
                + table
                + " shows its name");
      }
      throw new HostException(
          first,
          permission ? Errno.EPERM : 0,
          "a kernel with nf_tables, nft_masq and nf_conntrack: modprobe -a nf_tables nft_masq"
              + " nf_conntrack");
    }
  }

  @Override
  public Set<String> neighbours(List<Link> links) {
    Set<String> found = new HashSet<>();
    for (Link link : links) {
      switch (link.name()) {
        case "kube-ipvs0" -> found.add("kube-proxy");
        case "kube-dummy-if", "kube-bridge" -> found.add("kube-router");
        default -> {}
      }
    }
    if (modules.has("nf_tables")) {
      long generation = netfilter().generation();
      if (generation != chainsGeneration) {
        chainOwners = owners(netfilter().chains());
        chainsGeneration = generation;
      }
      found.addAll(chainOwners);
    }
    return found;
  }

  /** By the chains' names; those of iptables-legacy are in no list that can be read safely. */
  static Set<String> owners(List<Netfilter.Chain> chains) {
    Set<String> owners = new HashSet<>();
    for (Netfilter.Chain chain : chains) {
      if (chain.name().startsWith("KUBE-ROUTER-")) {
        owners.add("kube-router");
      }
    }
    return owners;
  }

  @Override
  public void close() {
    hearNothing();
    if (sender != null) {
      sender.close();
      sender = null;
    }
    if (route != null) {
      route.close();
      route = null;
    }
    if (notices != null) {
      notices.close();
      notices = null;
    }
    if (netfilter != null) {
      netfilter.close();
      netfilter = null;
    }
  }
}
