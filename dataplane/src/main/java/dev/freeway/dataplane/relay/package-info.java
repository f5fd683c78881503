/**
 * The same service in user space, for machines without {@code ip_vs}: a table like the kernel's,
 * that listens on its services' addresses and relays connections and datagrams by Netty. The writer
 * changes the table; connections live on the event loops, each with both of its sides on one.
 */
@NullMarked
package dev.freeway.dataplane.relay;

import org.jspecify.annotations.NullMarked;
