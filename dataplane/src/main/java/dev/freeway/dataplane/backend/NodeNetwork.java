package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.link.Modules;
import dev.freeway.dataplane.link.Sysctls;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The node's own network, around its Pods. A Pod that got a client's packet past the node's
 * connection tracker, in a tunnel or on its own link, answers through it: an answer to what was
 * never asked, invalid to the tracker, and kube-proxy's first rule for what is forwarded drops it.
 * So what leaves from a service's address is not tracked, and nowhere invalid.
 *
 * <p>Of all services, not only those that have a Pod here now: one that is ending has left its
 * service before its connections are over.
 */
public final class NodeNetwork {
  private static final String TABLE = "table inet freeway-node";
  private static final String CHAIN = "untracked";
  private static final String TRACKED = "net/netfilter/nf_conntrack_count";

  private final Nft nft =
      new Nft(Modules.ofThisKernel(), "keeps the node's firewall from dropping Pods' answers");
  private final Sysctls sysctls = new Sysctls(Path.of("/proc/sys"));

  /**
   * Makes the namespace of the calling thread leave what comes from these addresses untracked;
   * nothing where that is so, or where connections are not tracked at all.
   *
   * @param addresses those that clients know of services whose answers pass the routers
   */
  public Backend.Report keep(Collection<IpAddress> addresses) {
    try {
      boolean tracks = !sysctls.read(TRACKED).orElse("0").equals("0");
      String listing = nft.listing("list " + TABLE + "\n");
      String rules = rules(addresses);
      boolean wanted = !rules.isEmpty() && (tracks || !listing.isEmpty());
      if (wanted ? Nft.holds(listing, CHAIN, rules, " notrack") : listing.isEmpty()) {
        return new Backend.Report(List.of(), List.of());
      }
      String clear = "add " + TABLE + "\ndelete " + TABLE + "\n";
      nft.run(wanted ? clear + table(rules) : clear);
      return new Backend.Report(List.of(change(wanted, addresses.size())), List.of());
    } catch (PreparationException e) {
      return failed(String.valueOf(e.getMessage()), e.expected());
    } catch (NetlinkException e) {
      return failed(String.valueOf(e.getMessage()), "it is tried again");
    }
  }

  private static Backend.Lack change(boolean wanted, int addresses) {
    return new Backend.Lack(
        wanted ? "untracked" : "untracked-left",
        wanted
            ? "packets from the addresses of services are not tracked (" + addresses + ")"
            : "no table inet freeway-node",
        wanted
            ? "the node sees half of their connections, and firewalls drop what is invalid"
            : "no service's answers pass the routers",
        wanted ? "nft add rule ... ip saddr ADDRESS notrack" : "nft delete " + TABLE);
  }

  private static Backend.Report failed(String problem, String expected) {
    return new Backend.Report(
        List.of(), List.of(new InputError("", "this node", TABLE, problem, expected)));
  }

  private static String table(String rules) {
    return TABLE
        + " {\n  chain "
        + Nft.chain(CHAIN, rules)
        + " {\n    type filter hook prerouting priority -300; policy accept;\n"
        + rules
        + "  }\n}\n";
  }

  private static String rules(Collection<IpAddress> addresses) {
    StringBuilder rules = new StringBuilder();
    for (Family family : Family.values()) {
      String some =
          addresses.stream()
              .filter(address -> address.family() == family)
              .sorted()
              .map(IpAddress::toString)
              .collect(Collectors.joining(", "));
      if (!some.isEmpty()) {
        rules
            .append("    ")
            .append(family == Family.IPV4 ? "ip" : "ip6")
            .append(" saddr { ")
            .append(some)
            .append(" } notrack\n");
      }
    }
    return rules.toString();
  }
}
