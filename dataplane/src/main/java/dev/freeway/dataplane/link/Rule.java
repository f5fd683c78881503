package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.Family;
import dev.freeway.dataplane.core.IpAddress;
import java.util.Optional;

/**
 * A rule of policy routing.
 *
 * @param family of the packets it looks at
 * @param priority the least goes first
 * @param table where it looks the route up
 * @param action {@code FR_ACT_*}: 1 to the table
 * @param source addresses from which, with {@code sourceBits}; empty for all
 * @param destination addresses to which, with {@code destinationBits}; empty for all
 * @param mark the firewall mark, under {@code mask}
 * @param inbound the link that packets come in by; empty for all
 */
public record Rule(
    Family family,
    int priority,
    int table,
    int action,
    Optional<IpAddress> source,
    int sourceBits,
    Optional<IpAddress> destination,
    int destinationBits,
    int mark,
    int mask,
    String inbound) {}
