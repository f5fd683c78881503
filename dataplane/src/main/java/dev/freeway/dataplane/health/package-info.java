/**
 * Whether backends are well: attempts at all of them, each in its interval, and what follows from
 * their outcomes. The state is that of one event loop; what follows is told on its thread.
 */
@NullMarked
package dev.freeway.dataplane.health;

import org.jspecify.annotations.NullMarked;
