/**
 * What became of resources between two times, field by field. Reads the store, which keeps every
 * version; changes nothing.
 */
@NullMarked
package dev.freeway.controlplane.diff;

import org.jspecify.annotations.NullMarked;
