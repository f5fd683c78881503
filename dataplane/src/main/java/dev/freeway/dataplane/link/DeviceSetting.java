package dev.freeway.dataplane.link;

/**
 * A sysctl of one device ({@code IPV4_DEVCONF_*} of include/uapi/linux/ip.h). Set over rtnetlink it
 * needs NET_ADMIN in the device's namespace only, and no /proc/sys that may be written.
 */
public enum DeviceSetting {
  RP_FILTER(8),
  ARP_ANNOUNCE(18),
  ARP_IGNORE(19);

  private final int number;

  DeviceSetting(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
