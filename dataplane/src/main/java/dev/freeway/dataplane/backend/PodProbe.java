package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Protocol;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.libc.LinkTap;
import dev.freeway.dataplane.libc.NetworkNamespace;
import dev.freeway.dataplane.link.Device;
import dev.freeway.dataplane.link.LinkAddress;
import dev.freeway.dataplane.link.RouteNetlink;
import dev.freeway.dataplane.netlink.Netlink;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Looks at a Pod of this node from outside: what it lacks, and whether it answers a packet that is
 * put on its link as a router's would come. The answer is seen as it leaves the Pod, so it does not
 * matter what the node does with it. On a thread of its own, which changes namespaces.
 */
public final class PodProbe {
  private static final Duration PATIENCE = Duration.ofMillis(200);
  private static final int LOOKS = 10; // 2 s when nothing comes, and a bound when much else does
  private static final int BUSY = 2000;

  private PodProbe() {}

  /**
   * Everything that is wrong with the Pod.
   *
   * @param uid of the Pod
   * @param keys its services
   * @throws PreparationException when it cannot be looked at
   */
  public static List<Backend.Lack> examine(
      String uid, BackendNeeds needs, Collection<ServiceKey> keys) {
    PodProcesses processes = new PodProcesses(Path.of("/proc"));
    Integer process = processes.find(Set.of(uid)).get(uid);
    if (process == null) {
      throw new PreparationException(
          "no process of it is on this node",
          "this command on the Pod's node, with hostPID, and a Pod whose containers have started");
    }
    if (processes.isOnHost(process)) {
      throw new PreparationException(
          "it uses the node's network (hostNetwork)",
          "a network namespace of its own: the services' addresses would be the node's");
    }
    NetworkNamespace.enter(processes.namespace(process));
    List<Backend.Lack> lacks = new ArrayList<>(Backend.examine(needs));
    lacks.addAll(ask(needs, keys, processes.namespace(1)));
    return lacks;
  }

  private static List<Backend.Lack> ask(
      BackendNeeds needs, Collection<ServiceKey> keys, Path host) {
    PodState pod;
    try (PodNetwork network = new KernelPodNetwork()) {
      pod = network.state();
    }
    Optional<Device> uplink = pod.uplink();
    if (uplink.isEmpty()) {
      return List.of(lack("uplink", "a link of its own", "packets have no way in", ""));
    }
    try (LinkTap seen = LinkTap.open(uplink.get().link().index(), PATIENCE)) {
      NetworkNamespace.enter(host);
      return new Asking(needs, pod, uplink.get(), seen).all(keys);
    }
  }

  private static Backend.Lack lack(String name, String what, String why, String command) {
    return new Backend.Lack(name, what, why, command);
  }

  /** From the node's namespace. */
  private static final class Asking {
    private final BackendNeeds needs;
    private final PodState pod;
    private final Device uplink;
    private final LinkTap seen;
    private final ByteBuffer packet = ByteBuffer.allocate(2048);

    Asking(BackendNeeds needs, PodState pod, Device uplink, LinkTap seen) {
      this.needs = needs;
      this.pod = pod;
      this.uplink = uplink;
      this.seen = seen;
    }

    List<Backend.Lack> all(Collection<ServiceKey> keys) {
      List<Device> devices;
      List<LinkAddress> addresses;
      try (RouteNetlink route = new RouteNetlink(LibcNetlinkSocket.open(Netlink.NETLINK_ROUTE))) {
        devices = route.devices();
        addresses = route.addresses();
      }
      boolean reachable =
          devices.stream()
              .anyMatch(
                  device ->
                      device.link().index() == uplink.peer()
                          && device.link().kind().equals("veth")
                          && device.peer() == uplink.link().index());
      if (!reachable) {
        return List.of(
            lack(
                "packet",
                "a packet: not sent",
                "the Pod's link "
                    + uplink.link().name()
                    + " is no veth with its other end on this node, so no packet can be put on it",
                "send requests from a router's machine instead"));
      }
      List<Backend.Lack> lacks = new ArrayList<>();
      try (LinkTap link = LinkTap.open(uplink.peer(), PATIENCE)) {
        questions(keys)
            .forEach(
                (address, ports) ->
                    own(addresses, address.family())
                        .ifPresent(
                            client -> {
                              for (int port : ports) {
                                for (Optional<Encapsulation> way : ways()) {
                                  ask(link, client, address, port, way, addresses)
                                      .ifPresent(lacks::add);
                                }
                              }
                            }));
      }
      return lacks;
    }

    /** TCP's ports of each address; an echo request where there is none. */
    private SortedMap<IpAddress, List<Integer>> questions(Collection<ServiceKey> keys) {
      TreeMap<IpAddress, List<Integer>> questions = new TreeMap<>();
      needs.addresses().forEach(address -> questions.put(address, new ArrayList<>()));
      for (ServiceKey key : keys) {
        List<Integer> ports = questions.get(key.address());
        if (ports != null && key.protocol() == Protocol.TCP) {
          ports.add(key.port());
        }
      }
      questions.values().stream().filter(List::isEmpty).forEach(ports -> ports.add(0));
      return questions;
    }

    private List<Optional<Encapsulation>> ways() {
      return needs.tunnels().isEmpty()
          ? List.of(Optional.empty())
          : needs.tunnels().stream().map(Optional::of).toList();
    }

    private static Optional<IpAddress> own(List<LinkAddress> addresses, Family family) {
      return addresses.stream()
          .map(LinkAddress::address)
          .filter(
              address ->
                  address.family() == family
                      && !address.isLinkLocal6()
                      && !address.toInetAddress().isLoopbackAddress())
          .findFirst();
    }

    private Optional<Backend.Lack> ask(
        LinkTap link,
        IpAddress client,
        IpAddress service,
        int port,
        Optional<Encapsulation> way,
        List<LinkAddress> node) {
      int mark = 1024 + (int) (System.nanoTime() & 0x7fff);
      ProbePacket.Question question = new ProbePacket.Question(client, service, port, mark);
      Family outer =
          pod.own(service.family()).isPresent() ? service.family() : other(service.family());
      Optional<IpAddress> server = pod.own(outer);
      Optional<IpAddress> router = own(node, outer);
      String name =
          (port == 0
                  ? "an echo request to " + service
                  : "a connection to " + service.withPort(port))
              + way.map(one -> " in " + word(one)).orElse("");
      if (way.isPresent() && (server.isEmpty() || router.isEmpty())) {
        return Optional.of(
            lack("packet", name + ": not sent", "there is no address to send it from or to", ""));
      }
      Family carried = way.isPresent() ? outer : service.family();
      send(link, question, ProbePacket.ask(question), way, router, server, carried);
      for (int look = 0, busy = 0; look < LOOKS && busy < BUSY; busy++) {
        switch (seen.receive(packet)) {
          case NONE -> look++;
          case ARRIVES -> {}
          case LEAVES -> {
            Optional<ProbePacket.Answer> answer = ProbePacket.answer(question, packet);
            if (answer.isPresent()) {
              return judge(link, question, answer.get(), name, way, router, server, carried);
            }
          }
        }
      }
      return Optional.of(
          lack(
              "no-answer",
              name + ": an answer",
              "the packet was put on the Pod's link, and nothing came back: what is named above,"
                  + " a network policy, or a firewall in the Pod",
              "nft list ruleset; ip address; in the Pod's namespace"));
    }

    private static Family other(Family family) {
      return family == Family.IPV4 ? Family.IPV6 : Family.IPV4;
    }

    private static String word(Encapsulation encapsulation) {
      return switch (encapsulation) {
        case Encapsulation.Ipip _ -> "ipip";
        case Encapsulation.Gue gue -> "gue,port=" + gue.port();
        case Encapsulation.Gre gre -> gre.checksum() ? "gre,csum" : "gre";
      };
    }

    private void send(
        LinkTap link,
        ProbePacket.Question question,
        byte[] inner,
        Optional<Encapsulation> way,
        Optional<IpAddress> router,
        Optional<IpAddress> server,
        Family carried) {
      byte[] whole =
          way.isEmpty()
              ? inner
              : ProbePacket.wrap(
                  way.get(), router.orElseThrow(), server.orElseThrow(), question.family(), inner);
      link.send(
          ProbePacket.etherType(carried),
          HexFormat.ofDelimiter(":").parseHex(uplink.link().hardware()),
          whole);
    }

    private Optional<Backend.Lack> judge(
        LinkTap link,
        ProbePacket.Question question,
        ProbePacket.Answer answer,
        String name,
        Optional<Encapsulation> way,
        Optional<IpAddress> router,
        Optional<IpAddress> server,
        Family carried) {
      return switch (answer) {
        case ProbePacket.Answer.Echo _ -> Optional.empty();
        case ProbePacket.Answer.Refused _ ->
            Optional.of(
                lack(
                    "refused",
                    name + ": somebody who listens",
                    "the Pod refuses it: nothing listens on that port at this address; direct"
                        + " return and tunnels cannot change ports",
                    "let the server listen on 0.0.0.0 or ::, port " + question.port()));
        case ProbePacket.Answer.Accepted accepted -> {
          send(link, question, ProbePacket.end(question), way, router, server, carried);
          int right =
              MssClamp.size(
                  needs,
                  uplink.mtu(),
                  way.isPresent() ? carried : question.family(),
                  question.family());
          yield way.isEmpty() || accepted.segment() <= right
              ? Optional.empty()
              : Optional.of(
                  lack(
                      "segments",
                      name + ": segments of at most " + right + " bytes, not " + accepted.segment(),
                      "larger ones do not fit into the tunnel: small requests work, large ones hang",
                      "see the rule for segments above"));
        }
      };
    }
  }
}
