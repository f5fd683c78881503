package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.util.stream.Collectors;

/**
 * Lets clients send segments that still fit when an outer header is put before them: pure text of
 * nftables. What grows is what clients send, and how large that is they learn from the maximum
 * segment size in the server's SYN-ACK; so that is made smaller, and never larger.
 */
final class MssClamp {
  private static final String TABLE = "table inet freeway-backend";
  private static final String CHAIN = "clamp";

  /** TCP's header without options. */
  private static final int TCP_HEADER = 20;

  private MssClamp() {}

  static String list() {
    return "list " + TABLE + "\n";
  }

  static String delete() {
    return "add " + TABLE + "\ndelete " + TABLE + "\n";
  }

  /** The transaction that replaces the table. */
  static String replace(BackendNeeds needs, int mtu, Family outer) {
    String rules = rules(needs, mtu, outer);
    return delete()
        + TABLE
        + " {\n\tchain "
        + Nft.chain(CHAIN, rules)
        + " {\n\t\ttype filter hook output priority -150; policy accept;\n"
        + rules
        + "\t}\n}\n";
  }

  /** Whether the table, as the kernel lists it, is the one that {@link #replace} makes. */
  static boolean isIn(String listing, BackendNeeds needs, int mtu, Family outer) {
    return Nft.holds(listing, CHAIN, rules(needs, mtu, outer), " maxseg size set ");
  }

  private static String rules(BackendNeeds needs, int mtu, Family outer) {
    StringBuilder rules = new StringBuilder();
    for (Family family : Family.values()) {
      if (needs.has(family)) {
        rules.append("\t\t").append(rule(needs, family, size(needs, mtu, outer, family)));
      }
    }
    return rules.toString();
  }

  /** The largest segment inside an outer header, with which the packet is as long as the MTU. */
  static int size(BackendNeeds needs, int mtu, Family outer, Family inner) {
    return mtu - needs.overhead(outer) - (inner == Family.IPV4 ? 20 : 40) - TCP_HEADER;
  }

  private static String rule(BackendNeeds needs, Family family, int size) {
    String addresses =
        needs.addresses().stream()
            .filter(address -> address.family() == family)
            .map(IpAddress::toString)
            .collect(Collectors.joining(", "));
    return (family == Family.IPV4 ? "ip" : "ip6")
        + " saddr "
        + "{ "
        + addresses
        + " } tcp flags & (syn | rst) == syn tcp option maxseg size set "
        + size
        + "\n";
  }
}
