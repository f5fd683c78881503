/**
 * What a real server needs for direct return and tunnels, done in the network namespace of the
 * server: by an init container in its own, or by a node's agent in those of the Pods. The planning
 * is pure; the kernel is behind {@link dev.freeway.dataplane.backend.PodNetwork}, which belongs to
 * the thread that opened it.
 */
@NullMarked
package dev.freeway.dataplane.backend;

import org.jspecify.annotations.NullMarked;
