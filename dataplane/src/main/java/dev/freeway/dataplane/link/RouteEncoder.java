package dev.freeway.dataplane.link;

import static dev.freeway.dataplane.link.RouteNumbers.*;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.netlink.MessageWriter;
import dev.freeway.dataplane.netlink.Netlink;
import java.util.OptionalLong;

/** Requests to the kernel's rtnetlink, in the layout in which it answers. */
final class RouteEncoder {
  private static final int REQUEST = Netlink.NLM_F_REQUEST | Netlink.NLM_F_ACK;
  private static final int CREATE = REQUEST | Netlink.NLM_F_CREATE | Netlink.NLM_F_EXCL;

  private RouteEncoder() {}

  /** Asks for everything of a kind; every family's header is asked for with zeroes behind it. */
  static void dump(int type, int header, MessageWriter out) {
    out.begin(type, Netlink.NLM_F_REQUEST | Netlink.NLM_F_DUMP);
    zeroes(header, out);
    out.end();
  }

  private static void zeroes(int count, MessageWriter out) {
    for (int i = 0; i < count; i++) {
      out.buffer().put((byte) 0);
    }
  }

  /** A new link of a kind that needs nothing but its name; it is set up at once. */
  static void addLink(Link link, MessageWriter out) {
    out.begin(RTM_NEWLINK, CREATE);
    linkHeader(link.index(), link.flags(), out);
    out.putString(IFLA_IFNAME, link.name());
    int info = out.beginNest(IFLA_LINKINFO);
    out.putString(IFLA_INFO_KIND, link.kind());
    out.end(info);
    out.end();
  }

  static void addTunnel(TunnelSpec tunnel, MessageWriter out) {
    out.begin(RTM_NEWLINK, CREATE);
    linkHeader(0, IFF_UP, out);
    out.putString(IFLA_IFNAME, tunnel.name());
    int info = out.beginNest(IFLA_LINKINFO);
    out.putString(IFLA_INFO_KIND, tunnel.kind());
    int data = out.beginNest(IFLA_INFO_DATA);
    boolean gre = tunnel.kind().endsWith("gre");
    if (tunnel.checksum()) {
      out.putNetworkShort(IFLA_GRE_IFLAGS, GRE_CSUM);
    }
    bytes(gre ? IFLA_GRE_LOCAL : IFLA_IPTUN_LOCAL, tunnel.local(), out);
    out.end(data);
    out.end(info);
    out.end();
  }

  static void set(int link, DeviceSetting setting, int value, MessageWriter out) {
    out.begin(RTM_NEWLINK, REQUEST);
    zeroes(4, out);
    out.buffer().putInt(link).putInt(0).putInt(0); // no flag changes
    int families = out.beginNest(IFLA_AF_SPEC);
    int family = out.beginNest(AF_INET);
    int settings = out.beginNest(IFLA_INET_CONF);
    out.putInt(setting.number(), value);
    out.end(settings);
    out.end(family);
    out.end(families);
    out.end();
  }

  static void setUp(int link, MessageWriter out) {
    out.begin(RTM_NEWLINK, REQUEST);
    linkHeader(link, IFF_UP, out);
    out.end();
  }

  static void deleteLink(int link, MessageWriter out) {
    out.begin(RTM_DELLINK, REQUEST);
    linkHeader(link, 0, out);
    out.end();
  }

  private static void linkHeader(int index, int flags, MessageWriter out) {
    zeroes(4, out);
    out.buffer().putInt(index).putInt(flags).putInt(IFF_UP); // the change mask: this flag only
  }

  static void addAddress(LinkAddress address, MessageWriter out) {
    address(RTM_NEWADDR, CREATE, address, address.flags(), OptionalLong.empty(), out);
  }

  /**
   * An address for a time, or the same for another time where it is there already. It is no source
   * of packets of this machine's own (deprecated, RFC 4862): IPv6 would choose it for the prefix
   * that it shares with a neighbour, source NAT too.
   *
   * @param seconds until the kernel takes it away; 0xffffffff for never
   */
  static void lendAddress(LinkAddress address, long seconds, MessageWriter out) {
    address(
        RTM_NEWADDR,
        REQUEST | Netlink.NLM_F_CREATE | Netlink.NLM_F_REPLACE,
        address,
        address.flags(),
        OptionalLong.of(seconds),
        out);
  }

  static void deleteAddress(LinkAddress address, MessageWriter out) {
    address(RTM_DELADDR, REQUEST, address, 0, OptionalLong.empty(), out);
  }

  private static void address(
      int type,
      int messageFlags,
      LinkAddress address,
      int flags,
      OptionalLong seconds,
      MessageWriter out) {
    int settable = address.address().family() == Family.IPV6 ? flags : 0; // IPv4 has none to set
    out.begin(type, messageFlags);
    out.buffer()
        .put((byte) address.address().family().number())
        .put((byte) address.bits())
        .put((byte) settable)
        .put((byte) 0)
        .putInt(address.link());
    bytes(IFA_LOCAL, address.address(), out);
    bytes(IFA_ADDRESS, address.address(), out);
    if (seconds.isPresent()) {
      int mark = out.beginAttribute(IFA_CACHEINFO); // preferred, valid, and two that are not read
      out.buffer().putInt(0).putInt((int) seconds.getAsLong()).putInt(0).putInt(0);
      out.end(mark);
    }
    if ((settable & ~0xff) != 0) { // more than the header's byte takes
      out.putInt(IFA_FLAGS, settable);
    }
    out.end();
  }

  private static void bytes(int type, IpAddress address, MessageWriter out) {
    int mark = out.beginAttribute(type);
    address.put(out.buffer());
    out.end(mark);
  }
}
