package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sysctls of a director (Documentation/networking/ipvs-sysctl.rst and ip-sysctl.rst), each with
 * its reason: pure.
 *
 * <p>Not among them: {@code rp_filter}, for requests come in where the route to their client leads
 * or the machine's administrator knows why not. Where every router answers for every address, nor
 * is {@code arp_ignore}, whose default of 0 is what lets the machine answer for an address on
 * {@link HostPlan#LINK}; where one does, the others' are silent by it.
 */
final class DirectorSysctls {
  static final String CONNTRACK = "net/ipv4/vs/conntrack";
  static final String ACCEPT_LOCAL = "net/ipv4/conf/all/accept_local";
  static final String EXPIRE_NODEST_CONN = "net/ipv4/vs/expire_nodest_conn";
  static final String FORWARD4 = "net/ipv4/ip_forward";
  static final String FORWARD6 = "net/ipv6/conf/all/forwarding";

  static final String BE_LIBERAL = "net/netfilter/nf_conntrack_tcp_be_liberal";

  private static final Prefix LINK_LOCAL = Prefix.parse("fe80::/10");

  private static final List<WantedSysctl> ALWAYS =
      List.of(
          vs(
              "expire_nodest_conn",
              1,
              "a connection whose destination is gone ends at once, not at its time-out"),
          vs(
              "expire_quiescent_template",
              1,
              "a persistent client leaves a destination that drains"),
          vs(
              "sloppy_tcp",
              1,
              "a connection that another router began goes on here without its SYN"),
          vs(
              "conn_reuse_mode",
              2,
              "a client's port that comes again is scheduled anew, also under direct return"),
          vs("schedule_icmp", 1, "ICMP errors reach the destination that they are about"),
          vs("pmtu_disc", 1, "a packet too large for a tunnel is answered, not lost"));

  private DirectorSysctls() {}

  private static WantedSysctl vs(String name, int value, String reason) {
    return new WantedSysctl("net/ipv4/vs/" + name, Integer.toString(value), reason, false);
  }

  /**
   * In the order in which they are to be set.
   *
   * @param sourceNat whether a service with source NAT is wanted or there
   */
  static List<WantedSysctl> of(
      HostNeeds needs, boolean sourceNat, List<Link> links, List<LinkAddress> addresses) {
    List<WantedSysctl> wanted = new ArrayList<>();
    if (needs.isEmpty()) {
      return wanted;
    }
    wanted.add(
        sourceNat
            ? new WantedSysctl(CONNTRACK, "1", "source NAT is the connection tracker's", true)
            : new WantedSysctl(
                CONNTRACK, "0", "no service needs it, and it costs every packet a look-up", false));
    wanted.addAll(ALWAYS);
    if (sourceNat) {
      wanted.add(
          new WantedSysctl(
              BE_LIBERAL,
              "1",
              "a reply out of its window is translated like the others; else this machine takes it"
                  + " for its own and resets the connection",
              false));
    }
    boolean nat4 = false;
    boolean nat6 = false;
    boolean routed4 = false;
    boolean direct4 = false;
    for (Map.Entry<ServiceKey, HostNeeds.Need> entry : needs.services().entrySet()) {
      if (entry.getValue().forwarding() == Forwarding.NAT) {
        boolean four = entry.getKey().address().family() == Family.IPV4;
        nat4 |= four;
        nat6 |= !four;
        routed4 |= four && !entry.getValue().sourceNat();
      } else {
        direct4 |= entry.getKey().address().family() == Family.IPV4;
      }
    }
    String replies = "the replies of nat services pass this machine on their way to the client";
    if (nat4) {
      wanted.add(new WantedSysctl(FORWARD4, "1", replies, true));
    }
    if (direct4) {
      wanted.add(
          new WantedSysctl(
              ACCEPT_LOCAL,
              "1",
              "a backend on this machine answers its clients through it, from an address that this"
                  + " machine has too",
              false));
    }
    if (routed4) {
      redirects("all", wanted);
      redirects("default", wanted);
    }
    for (Link link : links) {
      if (link.loopback() || link.name().equals(HostPlan.LINK)) {
        continue;
      }
      if (routed4 && has(Family.IPV4, link, addresses)) {
        redirects(link.name(), wanted);
      }
      if (nat6 && has(Family.IPV6, link, addresses)) {
        wanted.add(
            new WantedSysctl(
                acceptRa(link.name()),
                "2",
                "with IPv6 forwarding on, 1 would drop the routes that router advertisements gave",
                true));
      }
    }
    if (nat6) {
      wanted.add(new WantedSysctl(FORWARD6, "1", replies, true));
    }
    if (needs.announcing().layer2()) {
      silence(needs, new Segments(links, addresses), wanted);
    }
    return wanted;
  }

  /** Of IPv6 nothing is needed: it answers for addresses of the asked link only. */
  private static void silence(HostNeeds needs, Segments segments, List<WantedSysctl> wanted) {
    Set<String> names = new TreeSet<>();
    for (IpAddress address : needs.addresses()) {
      if (address.family() == Family.IPV4) {
        segments.of(address).ifPresent(one -> names.add(one.link().name()));
      }
    }
    for (String link : names) {
      wanted.add(
          new WantedSysctl(
              arpIgnore(link),
              "1",
              "one router answers ARP for an address, and the others hold it silently",
              true));
      wanted.add(
          new WantedSysctl(
              arpAnnounce(link),
              "2",
              "this machine's own ARP requests must not tell neighbours that it has an address",
              true));
    }
  }

  static String arpIgnore(String link) {
    return "net/ipv4/conf/" + link + "/arp_ignore";
  }

  private static String arpAnnounce(String link) {
    return "net/ipv4/conf/" + link + "/arp_announce";
  }

  /** Whether it is one of those that make a router silent. */
  static boolean silences(String path) {
    return path.endsWith("/arp_ignore") || path.endsWith("/arp_announce");
  }

  /** Links of containers have no address on this side, and come and go: they are left alone. */
  private static boolean has(Family family, Link link, List<LinkAddress> addresses) {
    for (LinkAddress address : addresses) {
      if (address.link() == link.index()
          && address.address().family() == family
          && !LINK_LOCAL.contains(address.address())) {
        return true;
      }
    }
    return false;
  }

  private static void redirects(String link, List<WantedSysctl> wanted) {
    wanted.add(
        new WantedSysctl(
            "net/ipv4/conf/" + link + "/send_redirects",
            "0",
            "a backend on the client's segment must not be told to answer it directly",
            false));
  }

  private static String acceptRa(String link) {
    return "net/ipv6/conf/" + link + "/accept_ra";
  }

  /** Whether it is of {@code ip_vs}, or of the connection tracker, which that brings along. */
  static boolean comesWithIpvs(String path) {
    return path.startsWith("net/ipv4/vs/") || path.equals(BE_LIBERAL);
  }

  /** Whether some service does not work without a sysctl at a value. */
  static boolean required(String path, String value) {
    return path.equals(CONNTRACK)
        ? value.equals("1")
        : !path.startsWith("net/ipv4/vs/")
            && !path.endsWith("/send_redirects")
            && !path.equals(ACCEPT_LOCAL)
            && !path.equals(BE_LIBERAL);
  }

  /** Whether a value that differs may stay: advertisements that are not listened to stay so. */
  static boolean satisfied(WantedSysctl wanted, String value) {
    return value.equals(wanted.value())
        || (wanted.path().endsWith("/accept_ra") && value.equals("0"))
        || (wanted.path().endsWith("/arp_ignore") && value.equals("2")); // for its subnet only
  }

  /**
   * What the kernel changes along with a sysctl (inet_forward_change and
   * addrconf_fixup_forwarding): it is saved too, for putting the one back does not put these back.
   */
  static List<String> dragged(String path, List<Link> links) {
    List<String> dragged = new ArrayList<>();
    switch (path) {
      case FORWARD4 -> {
        dragged.add("net/ipv4/conf/all/accept_redirects");
        dragged.add("net/ipv4/conf/default/forwarding");
        for (Link link : links) {
          dragged.add("net/ipv4/conf/" + link.name() + "/forwarding");
        }
      }
      case FORWARD6 -> {
        dragged.add("net/ipv6/conf/default/forwarding");
        for (Link link : links) {
          dragged.add("net/ipv6/conf/" + link.name() + "/forwarding");
        }
      }
      default -> {}
    }
    return dragged;
  }
}
