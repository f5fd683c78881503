package dev.freeway.dataplane.link;

/**
 * A network device.
 *
 * @param index the kernel's number, never used again while the namespace lives
 * @param name for example {@code eth0}
 * @param kind {@code dummy}, {@code veth}, {@code bridge}...; empty for hardware and the loopback
 * @param flags {@code IFF_*} of {@code include/uapi/linux/if.h}
 * @param hardware its own address, for example {@code 02:00:0a:01:00:02}; empty for none
 */
public record Link(int index, String name, String kind, int flags, String hardware) {
  private static final int ETHERNET = "02:00:0a:01:00:02".length();

  /** One of which no packet is to be sent by hand. */
  public Link(int index, String name, String kind, int flags) {
    this(index, name, kind, flags, "");
  }

  /** Whether it is set up by its administrator. */
  public boolean up() {
    return (flags & RouteNumbers.IFF_UP) != 0;
  }

  /** Whether it is the machine's own loop. */
  public boolean loopback() {
    return (flags & RouteNumbers.IFF_LOOPBACK) != 0;
  }

  /** Whether neighbours find addresses on it by ARP and neighbour discovery, now. */
  public boolean hasNeighbours() {
    int needed = RouteNumbers.IFF_UP | RouteNumbers.IFF_RUNNING;
    int without = RouteNumbers.IFF_LOOPBACK | RouteNumbers.IFF_POINTOPOINT | RouteNumbers.IFF_NOARP;
    return (flags & needed) == needed && (flags & without) == 0 && hardware.length() == ETHERNET;
  }
}
