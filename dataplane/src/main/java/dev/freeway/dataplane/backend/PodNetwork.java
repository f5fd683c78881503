package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.link.Device;
import dev.freeway.dataplane.link.DeviceSetting;
import dev.freeway.dataplane.link.Link;
import dev.freeway.dataplane.link.LinkAddress;
import dev.freeway.dataplane.link.TunnelSpec;
import java.util.Optional;

/**
 * A network namespace to be prepared, or a fake in its place. Changes throw {@link
 * dev.freeway.dataplane.netlink.NetlinkException} or {@link PreparationException} when they are
 * refused.
 */
interface PodNetwork extends AutoCloseable {
  PodState state();

  /** A device as it is now. */
  Optional<Device> device(String name);

  void addDummy(String name);

  void addTunnel(TunnelSpec tunnel);

  void setUp(Link link);

  void deleteLink(Link link);

  void addAddress(LinkAddress address);

  void deleteAddress(LinkAddress address);

  void set(Link link, DeviceSetting setting, int value);

  void addGue(PodState.GuePort port);

  /** Runs commands of nft as one transaction. */
  void nft(String commands);

  @Override
  void close();
}
