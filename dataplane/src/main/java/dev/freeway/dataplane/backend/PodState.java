package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.link.Device;
import dev.freeway.dataplane.link.LinkAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A network namespace as it was found.
 *
 * @param uplinks the indexes of the links that default routes lead out by
 * @param all {@code rp_filter}, {@code arp_ignore} and {@code arp_announce} of "all"
 * @param gue where GUE is taken off
 * @param clamp the text of our table of nftables, as the kernel lists it; empty when there is none
 */
record PodState(
    List<Device> devices,
    List<LinkAddress> addresses,
    Set<Integer> uplinks,
    Settings all,
    Set<GuePort> gue,
    String clamp) {
  /** Settings whose larger value counts, the device's own or that of "all". */
  record Settings(int rpFilter, int arpIgnore, int arpAnnounce) {}

  /** A UDP port on which GUE is taken off packets of a family. */
  record GuePort(Family family, int port) {}

  PodState {
    devices = List.copyOf(devices);
    addresses = List.copyOf(addresses);
    uplinks = Set.copyOf(uplinks);
    gue = Set.copyOf(gue);
  }

  Optional<Device> device(String name) {
    return devices.stream().filter(device -> device.link().name().equals(name)).findFirst();
  }

  /** The link that packets come in by. */
  Optional<Device> uplink() {
    return devices.stream()
        .filter(device -> device.asksByArp() && !PreparedLinks.ours(device.link().name()))
        .min(
            Comparator.comparing((Device device) -> !uplinks.contains(device.link().index()))
                .thenComparingInt(device -> device.link().index()));
  }

  /** The server's own address, which tunnels end at. */
  Optional<IpAddress> own(Family family) {
    return uplink()
        .flatMap(
            link ->
                addresses.stream()
                    .filter(
                        address ->
                            address.link() == link.link().index()
                                && address.address().family() == family
                                && !address.address().isLinkLocal6())
                    .map(LinkAddress::address)
                    .findFirst());
  }

  boolean isLocal(IpAddress address) {
    return addresses.stream().anyMatch(one -> one.address().equals(address));
  }
}
