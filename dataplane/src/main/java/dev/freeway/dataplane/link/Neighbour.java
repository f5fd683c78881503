package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.IpAddress;

/**
 * An entry of the ARP or the neighbour discovery table.
 *
 * @param link the link's index
 * @param address who
 * @param state {@code NUD_*}: 2 reachable, 4 stale, 32 failed, 128 permanent
 * @param hardware the MAC address as colon-separated hex; empty while it is not known
 */
public record Neighbour(int link, IpAddress address, int state, String hardware) {}
