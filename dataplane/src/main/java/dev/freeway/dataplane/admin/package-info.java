/**
 * What the router shows of itself: state as JSON, metrics, health. Serves from the writer's
 * published snapshots on an event loop of its own.
 */
@NullMarked
package dev.freeway.dataplane.admin;

import org.jspecify.annotations.NullMarked;
