package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.util.Optional;

/**
 * A route; of one with several next hops the first is not told apart.
 *
 * @param family of its destination
 * @param destination empty for the default route
 * @param bits the length of the destination's prefix
 * @param table 254 main, 255 local
 * @param type {@code RTN_*}: 1 unicast, 2 local
 * @param link the index of the link it leaves by; 0 for none
 * @param gateway empty when the destination is on the link
 * @param source the preferred source address
 * @param metric its priority; the least goes first
 */
public record Route(
    Family family,
    Optional<IpAddress> destination,
    int bits,
    int table,
    int type,
    int link,
    Optional<IpAddress> gateway,
    Optional<IpAddress> source,
    int metric) {}
