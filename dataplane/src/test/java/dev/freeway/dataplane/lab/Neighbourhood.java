package dev.freeway.dataplane.lab;

import dev.freeway.dataplane.Await;
import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A second router lb2 beside lb, and a client c that is their neighbour. Virtual addresses are
 * within the segment's own subnet, so that c has to find out who answers for them.
 */
final class Neighbourhood {
  /** The services' port. */
  static final int PORT = 7002;

  static final List<String> ROUTERS = List.of("lb", "lb2");
  static final IpAddress VIP4 = IpAddress.parse("10.1.0.100");
  static final IpAddress VIP6 = IpAddress.parse("fd00:1::100");

  private static final Pattern COUNTER = Pattern.compile("counter (\\w+) \\{\\s*packets (\\d+)");

  private final Segment segment;
  private final Map<String, Machine> machines = new LinkedHashMap<>();
  private final List<Backend> backends = new ArrayList<>();

  private Neighbourhood(Segment segment) {
    this.segment = segment;
  }

  /** Adds lb2, and the addresses to the backends, where they are silent. */
  static Neighbourhood open(Segment segment) throws Exception {
    Neighbourhood all = new Neighbourhood(segment);
    segment.clear();
    segment.topology(
        """
        topology_host lb2 br-lan 10.1.0.3/24 fd00:1::3/64
        for b in b1 b2 b3; do topology_backend_vip $b %1$s %2$s; done
        nft -f - << 'END'
        table bridge neighbourhood {
          counter arp_lb { }
          counter arp_lb2 { }
          counter nd_lb { }
          counter nd_lb2 { }
          chain forward {
            type filter hook forward priority 0
            iifname "lb-eth0" arp operation reply arp saddr ip %1$s counter name arp_lb
            iifname "lb2-eth0" arp operation reply arp saddr ip %1$s counter name arp_lb2
            iifname "lb-eth0" icmpv6 type nd-neighbor-advert @th,64,128 0x%3$s counter name nd_lb
            iifname "lb2-eth0" icmpv6 type nd-neighbor-advert @th,64,128 0x%3$s counter name nd_lb2
          }
        }
        END
        """
            .formatted(VIP4, VIP6, "fd000001000000000000000000000100"));
    for (String name : List.of("c", "lb", "lb2")) {
      all.machines.put(name, Machine.named(name));
    }
    for (String name : Segment.BACKENDS) {
      all.backends.add(
          Backend.on(
              segment.machine(name), List.of(VIP4.toInetAddress(), VIP6.toInetAddress()), PORT));
    }
    return all;
  }

  static IpAddress vip(Family family) {
    return family == Family.IPV4 ? VIP4 : VIP6;
  }

  /** The MAC address of a router, as topology.sh gives it. */
  static String hardware(String router) {
    return "02:00:0a:01:00:0" + (router.equals("lb") ? 2 : 3);
  }

  Machine machine(String name) {
    Machine machine = machines.get(name);
    if (machine == null) {
      throw new IllegalArgumentException(name + ": expected one of " + machines.keySet());
    }
    return machine;
  }

  Segment segment() {
    return segment;
  }

  /** What the client's kernel believes of an address; empty when it knows nothing. */
  String believed(IpAddress address) throws Exception {
    String line = machine("c").shell("ip neigh show " + address + " dev eth0");
    Matcher found = Pattern.compile("lladdr (\\S+)").matcher(line);
    return found.find() ? found.group(1) : "";
  }

  void forget(IpAddress address) throws Exception {
    machine("c").shell("ip neigh flush to " + address + " dev eth0");
  }

  /** Returns when the client believes that a router answers for an address. */
  void untilBelieved(IpAddress address, String router, Duration limit) throws Exception {
    String[] last = {""};
    Await.until(
        limit,
        () -> address + " is at " + last[0] + ", not at " + hardware(router),
        () -> {
          try {
            last[0] = believed(address);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          return last[0].equals(hardware(router));
        });
  }

  /** The routers that answered for an address on the wire since the last call. */
  List<String> answered(Family family) throws Exception {
    TreeSet<String> answered = new TreeSet<>();
    String prefix = family == Family.IPV4 ? "arp_" : "nd_";
    Matcher counters =
        COUNTER.matcher(segment.guest().shell("nft reset counters table bridge neighbourhood"));
    while (counters.find()) {
      if (counters.group(1).startsWith(prefix) && !counters.group(2).equals("0")) {
        answered.add(counters.group(1).substring(prefix.length()));
      }
    }
    return new ArrayList<>(answered);
  }

  /** Takes lb2 away; the segment is for other tests. */
  void close() throws Exception {
    for (Backend backend : backends) {
      backend.close();
    }
    machines.values().forEach(Machine::close);
    segment.topology(
        """
        ip link del lb2-eth0; ip netns del lb2; nft delete table bridge neighbourhood
        for b in b1 b2 b3; do
          ip -n $b addr del %s/32 dev lo; ip -n $b addr del %s/128 dev lo
        done
        """
            .formatted(VIP4, VIP6));
    segment.clear();
  }
}
