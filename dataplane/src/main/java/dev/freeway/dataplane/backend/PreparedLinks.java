package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Family;
import java.util.List;

/** The links that preparation makes, by name. */
final class PreparedLinks {
  /** Holds the services' addresses: nobody is told of those on a dummy link. */
  static final String ADDRESSES = "freeway-vip";

  /**
   * A tunnel device.
   *
   * @param kind of rtnetlink
   * @param outer the family of the outer header
   * @param inner the families that it takes inside
   */
  record Tunnel(String kind, Family outer, List<Family> inner) {
    String name() {
      return "freeway-" + kind;
    }

    String module() {
      return moduleOf(kind);
    }
  }

  /** The kernel module of a kind of links. */
  static String moduleOf(String kind) {
    return switch (kind) {
      case "ip6tnl" -> "ip6_tunnel";
      case "gre" -> "ip_gre";
      case "ip6gre" -> "ip6_gre";
      default -> kind;
    };
  }

  private static final List<Family> BOTH = List.of(Family.values());

  /** What GUE leaves is IP in IP, so it needs the same. */
  private static final List<Tunnel> IP_IN_IP =
      List.of(
          new Tunnel("ipip", Family.IPV4, List.of(Family.IPV4)),
          new Tunnel("sit", Family.IPV4, List.of(Family.IPV6)),
          new Tunnel("ip6tnl", Family.IPV6, BOTH));

  private static final List<Tunnel> GRE =
      List.of(new Tunnel("gre", Family.IPV4, BOTH), new Tunnel("ip6gre", Family.IPV6, BOTH));

  private PreparedLinks() {}

  static boolean ours(String name) {
    return name.equals(ADDRESSES)
        || IP_IN_IP.stream().anyMatch(tunnel -> tunnel.name().equals(name))
        || GRE.stream().anyMatch(tunnel -> tunnel.name().equals(name));
  }

  /** The devices that take an outer header off. */
  static List<Tunnel> of(Encapsulation encapsulation) {
    return switch (encapsulation) {
      case Encapsulation.Ipip _, Encapsulation.Gue _ -> IP_IN_IP;
      case Encapsulation.Gre _ -> GRE;
    };
  }
}
