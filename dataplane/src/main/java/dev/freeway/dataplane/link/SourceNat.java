package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.ServiceKey;
import java.util.Collection;

/**
 * Source NAT as a table of nftables: pure text. A packet to one of the services is marked on its
 * way in, before IPVS takes it (hook input, ahead of priority 98), and what carries the mark is
 * masqueraded on its way out. Matching the connection's original address and port on the way out
 * would do without a mark, but nft 1.0.6 cannot load such a concatenation, and a rule a service
 * would be walked for every new connection.
 */
final class SourceNat {
  /** One bit of the mark; Kubernetes, Cilium, Calico and Tailscale use others by default. */
  private static final String MARK = "0x10000000";

  private SourceNat() {}

  /** The transaction that replaces the table by one for exactly these services. */
  static String replace(Collection<ServiceKey> services) {
    return NftTable.SOURCE_NAT.replace(
        NftTable.services(services)
            + "  chain mark-services {\n"
            + "    type filter hook input priority 0; policy accept;\n"
            + mark("ip", "services4")
            + mark("ip6", "services6")
            + "  }\n"
            + "  chain masquerade-services {\n"
            + "    type nat hook postrouting priority 100; policy accept;\n"
            + "    meta mark & "
            + MARK
            + " == "
            + MARK
            + " masquerade\n"
            + "  }\n");
  }

  private static String mark(String family, String set) {
    return "    "
        + family
        + " daddr . meta l4proto . th dport @"
        + set
        + " meta mark set meta mark | "
        + MARK
        + "\n";
  }
}
