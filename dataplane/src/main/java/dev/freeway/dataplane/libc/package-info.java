/**
 * The only package that calls native code: libc's sockets, packet sockets and network namespaces,
 * and libnftables. Everything here belongs to the platform thread that opened it; native calls pin
 * virtual threads.
 */
@NullMarked
package dev.freeway.dataplane.libc;

import org.jspecify.annotations.NullMarked;
