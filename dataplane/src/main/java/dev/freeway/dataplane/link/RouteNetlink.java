package dev.freeway.dataplane.link;

import static dev.freeway.dataplane.link.RouteNumbers.*;

import dev.freeway.dataplane.netlink.NetlinkConnection;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Links, addresses, routes, rules and neighbours of the network namespace that the socket was
 * opened in. Used by one thread. Every method throws {@link
 * dev.freeway.dataplane.netlink.NetlinkException} with the kernel's errno when it refuses.
 */
public final class RouteNetlink implements AutoCloseable {
  private final NetlinkConnection connection;

  /** Over a socket of {@code NETLINK_ROUTE}, which is closed with the result. */
  public RouteNetlink(NetlinkSocket socket) {
    this.connection = new NetlinkConnection(socket);
  }

  /** Every link. */
  public List<Link> links() {
    return connection.dump(
        "read the links",
        out -> RouteEncoder.dump(RTM_GETLINK, LINK_HEADER, out),
        (type, payload, into) -> {
          if (type == RTM_NEWLINK) {
            into.add(RouteDecoder.link(payload));
          }
        });
  }

  /** Every link, with what a real server's preparation looks at. */
  public List<Device> devices() {
    return connection.dump(
        "read the links",
        out -> RouteEncoder.dump(RTM_GETLINK, LINK_HEADER, out),
        (type, payload, into) -> {
          if (type == RTM_NEWLINK) {
            into.add(RouteDecoder.device(payload));
          }
        });
  }

  /** Every address of every link, IPv4 and IPv6. */
  public List<LinkAddress> addresses() {
    return connection.dump(
        "read the addresses",
        out -> RouteEncoder.dump(RTM_GETADDR, ADDRESS_HEADER, out),
        (type, payload, into) -> add(type, RTM_NEWADDR, () -> RouteDecoder.address(payload), into));
  }

  /** Every route of every table, IPv4 and IPv6. */
  public List<Route> routes() {
    return connection.dump(
        "read the routes",
        out -> RouteEncoder.dump(RTM_GETROUTE, ROUTE_HEADER, out),
        (type, payload, into) -> add(type, RTM_NEWROUTE, () -> RouteDecoder.route(payload), into));
  }

  /** Every rule of policy routing. */
  public List<Rule> rules() {
    return connection.dump(
        "read the routing rules",
        out -> RouteEncoder.dump(RTM_GETRULE, ROUTE_HEADER, out),
        (type, payload, into) -> add(type, RTM_NEWRULE, () -> RouteDecoder.rule(payload), into));
  }

  /** Every neighbour that the kernel remembers. */
  public List<Neighbour> neighbours() {
    return connection.dump(
        "read the neighbours",
        out -> RouteEncoder.dump(RTM_GETNEIGH, ROUTE_HEADER, out),
        (type, payload, into) ->
            add(type, RTM_NEWNEIGH, () -> RouteDecoder.neighbour(payload), into));
  }

  /** What one message says. */
  private interface Said<T> {
    Optional<T> value();
  }

  private static <T> void add(int type, int expected, Said<T> said, List<? super T> into) {
    if (type == expected) {
      said.value().ifPresent(into::add);
    }
  }

  /** Makes a link that takes no packets from anywhere, and sets it up; EEXIST when it is there. */
  public void addDummy(String name) {
    connection.request(
        "add the link " + name,
        out -> RouteEncoder.addLink(new Link(0, name, "dummy", IFF_UP), out));
  }

  /** Makes a tunnel device and sets it up; EEXIST when there is one of its name or ends. */
  public void addTunnel(TunnelSpec tunnel) {
    connection.request("add the link " + tunnel.name(), out -> RouteEncoder.addTunnel(tunnel, out));
  }

  /** Sets a sysctl of one device; ENODEV when it is gone. */
  public void set(Link link, DeviceSetting setting, int value) {
    connection.request(
        "set " + setting.name().toLowerCase(Locale.ROOT) + " of the link " + link.name(),
        out -> RouteEncoder.set(link.index(), setting, value, out));
  }

  /** Sets a link up; ENODEV when it is gone. */
  public void setUp(Link link) {
    connection.request(
        "set the link " + link.name() + " up", out -> RouteEncoder.setUp(link.index(), out));
  }

  /** Deletes a link with its addresses and routes; ENODEV when it is gone. */
  public void deleteLink(Link link) {
    connection.request(
        "delete the link " + link.name(), out -> RouteEncoder.deleteLink(link.index(), out));
  }

  /** Puts an address on a link; EEXIST when it is there. */
  public void addAddress(LinkAddress address) {
    connection.request(
        "add the address " + address.address() + "/" + address.bits(),
        out -> RouteEncoder.addAddress(address, out));
  }

  /**
   * Puts an address on a link for a time, or for another time when it is there.
   *
   * @param seconds until the kernel takes it away; 0xffffffff for never
   */
  public void lendAddress(LinkAddress address, long seconds) {
    connection.request(
        "add the address " + address.address() + "/" + address.bits(),
        out -> RouteEncoder.lendAddress(address, seconds, out));
  }

  /** Takes an address from a link; EADDRNOTAVAIL when it is not there. */
  public void deleteAddress(LinkAddress address) {
    connection.request(
        "delete the address " + address.address() + "/" + address.bits(),
        out -> RouteEncoder.deleteAddress(address, out));
  }

  @Override
  public void close() {
    connection.close();
  }
}
