package dev.freeway.dataplane.link;

/**
 * A network device.
 *
 * @param index the kernel's number, never used again while the namespace lives
 * @param name for example {@code eth0}
 * @param kind {@code dummy}, {@code veth}, {@code bridge}...; empty for hardware and the loopback
 * @param flags {@code IFF_*} of {@code include/uapi/linux/if.h}
 */
public record Link(int index, String name, String kind, int flags) {
  /** Whether it is set up by its administrator. */
  public boolean up() {
    return (flags & RouteNumbers.IFF_UP) != 0;
  }

  /** Whether it is the machine's own loop. */
  public boolean loopback() {
    return (flags & RouteNumbers.IFF_LOOPBACK) != 0;
  }
}
