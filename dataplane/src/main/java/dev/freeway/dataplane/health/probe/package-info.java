/**
 * One attempt to learn whether a backend is well, over Netty: bounded in time and bytes, whatever
 * the backend does. All on the event loop that begins it; nothing here blocks, and no name is
 * resolved.
 */
@NullMarked
package dev.freeway.dataplane.health.probe;

import org.jspecify.annotations.NullMarked;
