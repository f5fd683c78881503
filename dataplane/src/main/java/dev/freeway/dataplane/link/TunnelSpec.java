package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.IpAddress;

/**
 * A tunnel device that takes packets from anybody.
 *
 * @param kind of rtnetlink: {@code ipip}, {@code sit}, {@code ip6tnl}, {@code gre}, {@code ip6gre}
 * @param local where it ends
 * @param checksum of GRE: whether packets carry one
 */
public record TunnelSpec(String name, String kind, IpAddress local, boolean checksum) {}
