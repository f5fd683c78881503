package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.SourceRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Source ranges as a table of nftables: pure text. A packet to a service in the first set, from a
 * client that is not in the second, is dropped on its way in, before IPVS takes it (hook input,
 * ahead of priority 98). A service without ranges costs one look into a hash, however many there
 * are. A table of its own, so that it stands where source NAT cannot be had.
 */
final class SourceFilter {
  private SourceFilter() {}

  /** The transaction that replaces the table by one for exactly these services. */
  static String replace(SortedMap<ServiceKey, SourceRanges> ranges) {
    return NftTable.SOURCE_RANGES.replace(
        sets("4", "ipv4_addr", Family.IPV4, ranges)
            + sets("6", "ipv6_addr", Family.IPV6, ranges)
            + "  chain turn-others-away {\n"
            + "    type filter hook input priority 0; policy accept;\n"
            + drop("ip", "4", "protocol")
            + drop("ip6", "6", "nexthdr")
            + "  }\n");
  }

  private static String sets(
      String suffix, String type, Family family, SortedMap<ServiceKey, SourceRanges> ranges) {
    List<String> limited = new ArrayList<>();
    List<String> clients = new ArrayList<>();
    ranges.forEach(
        (key, ofOne) -> {
          boolean everyone =
              ofOne.prefixes().stream()
                  .anyMatch(one -> one.address().family() == family && one.bits() == 0);
          if (key.address().family() == family && !everyone) {
            String service = NftTable.service(key);
            limited.add(service);
            for (Prefix prefix : ofOne.prefixes()) {
              if (prefix.address().family() == family) {
                clients.add(service + " . " + prefix);
              }
            }
          }
        });
    String service = type + " . inet_proto . inet_service";
    return NftTable.set("limited" + suffix, service, "", limited)
        + NftTable.set("clients" + suffix, service + " . " + type, "    flags interval\n", clients);
  }

  /**
   * Linux 7.2 refuses {@code meta l4proto} in a look into a set of ranges, so there the header's
   * own field is looked up. Behind an extension header of IPv6 it names that one, and the packet is
   * dropped like a stranger's.
   */
  private static String drop(String family, String suffix, String protocol) {
    return "    "
        + family
        + " daddr . meta l4proto . th dport @limited"
        + suffix
        + " "
        + family
        + " daddr . "
        + family
        + " "
        + protocol
        + " . th dport . "
        + family
        + " saddr != @clients"
        + suffix
        + " drop\n";
  }
}
