package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.Collection;
import java.util.List;

/** The tables of nftables that are ours, and the text that they are made of. */
enum NftTable {
  SOURCE_NAT(HostChange.Kind.SOURCE_NAT, "inet freeway"),
  SOURCE_RANGES(HostChange.Kind.SOURCE_RANGES, "inet freeway-ranges"),
  UNTRACKED(HostChange.Kind.UNTRACKED, "inet freeway-untracked");

  private final HostChange.Kind kind;
  private final String name;

  NftTable(HostChange.Kind kind, String name) {
    this.kind = kind;
    this.name = name;
  }

  HostChange.Kind kind() {
    return kind;
  }

  /** As a change names it: {@code table inet freeway}. */
  @Override
  public String toString() {
    return "table " + name;
  }

  /** Makes the table empty, whether it was there or not; in one transaction with what follows. */
  String clear() {
    return "add " + this + "\ndelete " + this + "\n";
  }

  String list() {
    return "list " + this + "\n";
  }

  /** What takes it away by hand. */
  String deletion() {
    return "nft delete " + this;
  }

  /** The transaction that replaces the table by one of these sets and chains. */
  String replace(String body) {
    return clear() + this + " {\n" + body + "}\n";
  }

  /** A service as an element of a set; the protocol as a number: names need /etc/protocols. */
  static String service(ServiceKey key) {
    return key.address() + " . " + key.protocol().number() + " . " + key.port();
  }

  /** One set for each family, named with its number at the end. */
  static String services(Collection<ServiceKey> services) {
    return services("services4", "ipv4_addr", Family.IPV4, services)
        + services("services6", "ipv6_addr", Family.IPV6, services);
  }

  private static String services(
      String name, String type, Family family, Collection<ServiceKey> services) {
    List<String> elements =
        services.stream()
            .filter(key -> key.address().family() == family)
            .map(NftTable::service)
            .toList();
    return set(name, type + " . inet_proto . inet_service", "", elements);
  }

  /**
   * A set.
   *
   * @param flags a line, or nothing
   */
  static String set(String name, String type, String flags, List<String> elements) {
    return "  set "
        + name
        + " {\n    type "
        + type
        + "\n"
        + flags
        + (elements.isEmpty() ? "" : "    elements = { " + String.join(", ", elements) + " }\n")
        + "  }\n";
  }
}
