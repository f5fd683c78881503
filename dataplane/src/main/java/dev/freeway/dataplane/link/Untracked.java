package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.ServiceKey;
import java.util.Collection;

/**
 * What the connection tracker is to leave alone, as a table of nftables: pure text. Of direct
 * return it sees half of every connection, and calls a client's second packet invalid; firewalls
 * and kube-proxy drop what is invalid. What is not tracked is not translated either: kube-proxy's
 * rules for an address, where it has any, do not take packets away from IPVS.
 *
 * <p>Replies are in it too, for those of backends on this machine pass it.
 */
final class Untracked {
  private Untracked() {}

  /** The transaction that replaces the table by one for exactly these services. */
  static String replace(Collection<ServiceKey> services) {
    return NftTable.UNTRACKED.replace(
        NftTable.services(services)
            + "  chain leave-services-alone {\n"
            + "    type filter hook prerouting priority -300; policy accept;\n"
            + rule("ip daddr", "dport", "services4")
            + rule("ip saddr", "sport", "services4")
            + rule("ip6 daddr", "dport", "services6")
            + rule("ip6 saddr", "sport", "services6")
            + "  }\n");
  }

  private static String rule(String address, String port, String set) {
    return "    " + address + " . meta l4proto . th " + port + " @" + set + " notrack\n";
  }
}
