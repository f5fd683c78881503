package dev.freeway.dataplane.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freeway.dataplane.backend.Backend.Report;
import dev.freeway.dataplane.backend.BackendNeeds;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The machines of {@code deploy/lab.d/topology.sh} with servers on its three backends: the client
 * r1 behind the gateway gw, the router lb, the backends b1, b2 and b3 beside it.
 */
final class Segment {
  /** The services' port, and that of the backends where NAT may change it. */
  static final int PORT = 7000;

  static final int TARGET_PORT = 7001;

  static final IpAddress VIP4 = IpAddress.parse("10.9.0.1");
  static final IpAddress VIP6 = IpAddress.parse("fd00:9::1");
  static final List<String> BACKENDS = List.of("b1", "b2", "b3");

  private static final Set<Encapsulation> DEFAULT =
      Set.of(Encapsulation.IPIP, new Encapsulation.Gue(6080, false, false));

  private static final String SOURCE = ". deploy/lab.d/topology.sh; ";

  private final Machine guest;
  private final Map<String, Machine> machines = new LinkedHashMap<>();
  private final List<Backend> backends = new ArrayList<>();

  private Segment(Machine guest) {
    this.guest = guest;
  }

  /** Sets everything up; backends take direct and tunnelled packets to the virtual addresses. */
  static Segment open() throws Exception {
    Segment segment = new Segment(Machine.guest());
    try {
      segment.topology("topology_remove");
      segment.topology(
          """
          modprobe -a veth bridge ip_vs
          topology_routed 2
          topology_route_to %1$s %2$s
          for b in b1 b2 b3; do
            ip netns exec $b modprobe -a ipip sit ip6_tunnel ip_gre ip6_gre fou fou6
            # As strict as a distribution may have it.
            ip netns exec $b sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1
          done
          """
              .formatted(VIP4, VIP6));
      for (String name : List.of("r1", "r2", "lb", "b1", "b2", "b3")) {
        segment.machines.put(name, Machine.named(name));
      }
      segment.prepareBackends(DEFAULT);
      for (String name : BACKENDS) {
        List<InetAddress> addresses = new ArrayList<>();
        for (IpAddress address :
            List.of(VIP4, VIP6, address(name, Family.IPV4), address(name, Family.IPV6))) {
          addresses.add(address.toInetAddress());
        }
        segment.backends.add(Backend.on(segment.machine(name), addresses, PORT, TARGET_PORT));
      }
    } catch (Exception | Error e) {
      segment.close();
      throw e;
    }
    return segment;
  }

  /** Leaves nothing of earlier tests: a router as it is before us, backends that answer past it. */
  void clear() throws Exception {
    machine("lb").close();
    topology("topology_again_lb; for b in b1 b2 b3; do topology_backend_return $b past; done");
    machines.put("lb", Machine.named("lb"));
    prepareBackends(DEFAULT);
  }

  /** Backends take what comes directly and in these outer headers, and nothing else. */
  void prepareBackends(Set<Encapsulation> tunnels) throws Exception {
    for (String name : BACKENDS) {
      Report report =
          machine(name)
              .call(
                  () ->
                      dev.freeway.dataplane.backend.Backend.prepare(
                          BackendNeeds.of(List.of(VIP4, VIP6), tunnels)));
      assertThat(report.errors()).as(name).isEmpty();
    }
  }

  /** Calls functions of {@code topology.sh} in the guest's own namespace. */
  String topology(String commands) throws Exception {
    return guest.shell(SOURCE + commands);
  }

  Machine guest() {
    return guest;
  }

  Machine machine(String name) {
    Machine machine = machines.get(name);
    if (machine == null) {
      throw new IllegalArgumentException("machine " + name + ": expected " + machines.keySet());
    }
    return machine;
  }

  /** Clients on r1 and r2, which schedulers that hash tell apart. */
  List<Client> clients() {
    return List.of(new Client(machine("r1")), new Client(machine("r2")));
  }

  static IpAddress vip(Family family) {
    return family == Family.IPV4 ? VIP4 : VIP6;
  }

  /** The address of r1, r2, lb, b1, b2 or b3 on its segment. */
  static IpAddress address(String machine, Family family) {
    boolean four = family == Family.IPV4;
    return IpAddress.parse(
        switch (machine) {
          case "r1" -> four ? "10.2.0.10" : "fd00:2::10";
          case "r2" -> four ? "10.2.0.11" : "fd00:2::11";
          case "lb" -> four ? "10.1.0.2" : "fd00:1::2";
          case "b1", "b2", "b3" -> (four ? "10.1.0.1" : "fd00:1::1") + machine.charAt(1);
          default -> throw new IllegalArgumentException("machine " + machine);
        });
  }

  /** Takes everything down. */
  void close() throws Exception {
    for (Backend backend : backends) {
      backend.close();
    }
    machines.values().forEach(Machine::close);
    topology("topology_remove");
    guest.close();
  }
}
