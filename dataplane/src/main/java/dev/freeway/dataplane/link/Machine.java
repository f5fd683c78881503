package dev.freeway.dataplane.link;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The machine, or a fake in its place. Methods that change something throw {@link HostException} or
 * {@link dev.freeway.dataplane.netlink.NetlinkException} when they are refused.
 */
interface Machine extends AutoCloseable {
  List<Link> links();

  List<LinkAddress> addresses();

  void addDummy(String name);

  void setUp(Link link);

  void deleteLink(Link link);

  void addAddress(LinkAddress address);

  void deleteAddress(LinkAddress address);

  /**
   * Puts an address on a link for a time, or for another time when it is there.
   *
   * @param seconds until the kernel takes it away; {@link Announcer#FOREVER} for never
   */
  void lendAddress(LinkAddress address, long seconds);

  /** Sends an Ethernet frame out of a link. */
  void send(Link link, byte[] frame);

  /**
   * The ARP frames and neighbour advertisements that came in on a link since the last call; the
   * first call begins to listen. Does not wait.
   */
  List<byte[]> heard(Link link);

  /** Ends to listen, on all links. */
  void hearNothing();

  /** A sysctl's value; empty when this kernel does not have it or does not show it. */
  Optional<String> sysctl(String path);

  void setSysctl(String path, String value);

  /** Returns when no packet is handled any more that was when it was called. */
  void awaitPackets();

  /** Whether a module is loaded or built in. */
  boolean hasModule(String name);

  /** Loads a module; answers whether it is there now. */
  boolean loadModule(String name);

  /** A digest of one of our nftables tables as the kernel lists it; empty when it is not there. */
  String ruleset(NftTable table);

  /**
   * Refuses as {@link #nft} would when no commands could be run at all. Whether the kernel takes
   * them shows only when they are run: it loads modules for them.
   */
  void checkNft();

  /** Runs commands of nft on a table as one transaction. */
  void nft(NftTable table, String commands);

  /** Programs that balance or forward here too: {@code kube-proxy}, {@code kube-router}. */
  Set<String> neighbours(List<Link> links);

  @Override
  void close();
}
