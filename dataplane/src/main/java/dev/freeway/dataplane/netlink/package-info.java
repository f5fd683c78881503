/**
 * Netlink: framing, attributes, generic-netlink families, batches and dumps; knows nothing of IPVS.
 * A socket and what is built on it belong to one platform thread.
 */
@NullMarked
package dev.freeway.dataplane.netlink;

import org.jspecify.annotations.NullMarked;
