package dev.freeway.dataplane.link;

import dev.freeway.dataplane.core.IpAddress;

/**
 * An address on a link.
 *
 * @param link the link's index
 * @param address the local address
 * @param bits the length of its prefix
 * @param flags {@code IFA_F_*} of {@code include/uapi/linux/if_addr.h}
 */
public record LinkAddress(int link, IpAddress address, int bits, int flags) {}
