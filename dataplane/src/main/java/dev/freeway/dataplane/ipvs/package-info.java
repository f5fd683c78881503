/**
 * The kernel's IPVS over generic netlink: commands, dumps, statistics, and the converters between
 * wire and core values. Belongs to the thread that owns the socket.
 */
@NullMarked
package dev.freeway.dataplane.ipvs;

import org.jspecify.annotations.NullMarked;
