/**
 * The same service in user space, for machines without {@code ip_vs}: a table like the kernel's,
 * that listens on its services' addresses and relays connections and datagrams on Netty's epoll
 * loops. The writer changes the table; a connection lives on one loop, with both of its sides.
 */
@NullMarked
package dev.freeway.dataplane.relay;

import org.jspecify.annotations.NullMarked;
