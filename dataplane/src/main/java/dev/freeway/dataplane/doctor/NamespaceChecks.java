package dev.freeway.dataplane.doctor;

import dev.freeway.dataplane.ipvs.ObservedDestination;
import dev.freeway.dataplane.ipvs.ObservedService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What this network namespace does with packets, and who else works in it. */
final class NamespaceChecks {
  /** Connections to a bucket from which looking one up takes noticeably longer. */
  private static final int FULL = 4;

  private NamespaceChecks() {}

  static List<Finding> loopback(Machine machine, Needs needs) {
    if (machine.links().getOrDefault("lo", false)) {
      return List.of();
    }
    return List.of(
        Finding.error(
            "loopback-down",
            "the loopback device lo is down in this network namespace",
            "before a first local address the kernel takes no destination of IPv4 for unicast",
            "ip link set lo up"));
  }

  static List<Finding> pending(Machine machine, Needs needs) {
    return machine.pending().stream()
        .map(
            change ->
                Finding.warning("host-change", change.what(), change.reason(), change.command()))
        .toList();
  }

  /** What is said of a library that is not here is {@link #sourceNat}'s to say. */
  static List<Finding> unmet(Machine machine, Needs needs) {
    return machine.unmet().stream()
        .filter(unmet -> machine.sourceNat() || !unmet.sourceNat())
        .map(
            unmet ->
                Finding.error(
                    unmet.sourceNat() ? "source-nat" : "host-refused",
                    unmet.what() + ": " + unmet.problem(),
                    unmet.sourceNat()
                        ? "without it there is no source NAT" + refused(needs)
                        : "a service that was asked for does not work without it",
                    unmet.command()))
        .toList();
  }

  private static String refused(Needs needs) {
    return needs.sourceNat().isEmpty()
        ? ""
        : ", and what does not translate yet is refused: " + String.join(", ", needs.sourceNat());
  }

  /** The kernel takes the larger of "all" and the device: 0 off, 1 strict, 2 loose. */
  static List<Finding> reversePath(Machine machine, Needs needs) {
    if (needs.keepsAddress().isEmpty()) {
      return List.of();
    }
    String prefix = "net/ipv4/conf/";
    String name = "/rp_filter";
    boolean all = "1".equals(machine.sysctls().get(prefix + "all" + name));
    boolean loose = "2".equals(machine.sysctls().get(prefix + "all" + name));
    List<String> strict = new ArrayList<>();
    for (Map.Entry<String, Boolean> link : new TreeMap<>(machine.links()).entrySet()) {
      String own = machine.sysctls().getOrDefault(prefix + link.getKey() + name, "0");
      boolean up = link.getValue() && !link.getKey().equals("lo");
      if (up && !loose && !own.equals("2") && (all || own.equals("1"))) {
        strict.add(link.getKey());
      }
    }
    if (strict.isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.warning(
            "reverse-path-strict",
            "the reverse-path filter is strict (1) on " + String.join(", ", strict),
            "a request whose client is routed by another device is dropped without a word; replies"
                + " of "
                + String.join(", ", needs.keepsAddress())
                + " do not pass here, so nothing else shows it",
            "sysctl -w net.ipv4.conf.all.rp_filter=2"));
  }

  static List<Finding> estimation(Machine machine, Needs needs) {
    if (!"0".equals(machine.sysctls().get("net/ipv4/vs/run_estimation"))) {
      return List.of();
    }
    return List.of(
        Finding.warning(
            "rates-off",
            "net.ipv4.vs.run_estimation is 0",
            "show and the metrics give 0 for every rate; counters go on",
            "sysctl -w net.ipv4.vs.run_estimation=1"));
  }

  static List<Finding> connectionTable(Machine machine, Needs needs) {
    if (!(machine.table() instanceof Machine.Table.Read read) || read.connectionBuckets() == 0) {
      return List.of();
    }
    long connections = 0;
    for (ObservedService service : read.services()) {
      for (ObservedDestination destination : service.destinations()) {
        connections += destination.activeConnections() + destination.inactiveConnections();
      }
    }
    int bits = 31 - Integer.numberOfLeadingZeros(read.connectionBuckets());
    int right = bits;
    while (right < 20 && connections > (long) FULL << right) {
      right++;
    }
    if (right == bits) {
      return List.of();
    }
    return List.of(
        Finding.warning(
            "connection-table-small",
            connections
                + " connections in a table of "
                + read.connectionBuckets()
                + " buckets, which this kernel does not enlarge",
            "every packet is looked up in lists of "
                + connections / read.connectionBuckets()
                + " entries on average",
            "echo options ip_vs conn_tab_bits="
                + right
                + " > /etc/modprobe.d/ip_vs.conf; it is read when ip_vs is loaded, so reboot"));
  }

  static List<Finding> syncDaemon(Machine machine, Needs needs) {
    if (!(machine.table() instanceof Machine.Table.Read read)
        || read.daemons().isEmpty()
        || needs.acrossFamilies().isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.error(
            "sync-daemon",
            "the kernel's connection synchronisation runs: " + String.join(", ", read.daemons()),
            "while it does the kernel refuses tunnels from one address family to the other, so the"
                + " destinations of "
                + String.join(", ", needs.acrossFamilies()),
            "ipvsadm --stop-daemon "
                + (read.daemons().getFirst().startsWith("master") ? "master" : "backup")));
  }

  static List<Finding> sourceNat(Machine machine, Needs needs) {
    if (machine.sourceNat() || needs.sourceNat().isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.error(
            "nftables-missing",
            "the library libnftables.so.1 is not here",
            "source NAT is set up with it, for " + String.join(", ", needs.sourceNat()),
            "apt-get install libnftables1, or write freeway.dev/snat: \"false\" on the Service and"
                + " route the replies through this machine"));
  }

  static List<Finding> proxies(Machine machine, Needs needs) {
    List<Finding> findings = new ArrayList<>();
    boolean proxy = machine.links().containsKey("kube-ipvs0");
    TreeSet<String> router = new TreeSet<>();
    for (String link : machine.links().keySet()) {
      if (link.equals("kube-dummy-if") || link.equals("kube-bridge")) {
        router.add("device " + link);
      }
    }
    for (String chain : machine.chains()) {
      if (chain.startsWith("KUBE-ROUTER-")) {
        router.add("chain " + chain);
      }
    }
    if (proxy) { // its other modes leave the addresses alone: ipMode Proxy
      findings.add(
          Finding.warning(
              "kube-proxy",
              "kube-proxy works in this network namespace in its IPVS mode: device kube-ipvs0",
              "it sets other values of the same sysctls and deletes services that it does not know",
              "run it with --proxy-mode=nftables, or tell it by --ipvs-exclude-cidrs which addresses"
                  + " are the router's"));
    }
    if (!router.isEmpty()) {
      findings.add(
          Finding.warning(
              "kube-router",
              "kube-router works in this network namespace: " + String.join(", ", router),
              "it sets other values of the same sysctls and deletes services that it does not know",
              "keep it off this node, or run it with --run-service-proxy=false"));
    }
    return findings;
  }
}
