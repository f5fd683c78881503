/**
 * A fake AWS: one server that answers in each service's own protocol from the models that Freeway
 * is built with, and that throttles, denies, breaks off and lies on request. For tests and for
 * comparisons; any thread may fill it and ask it.
 */
@NullMarked
package dev.freeway.controlplane.fake;

import org.jspecify.annotations.NullMarked;
