/**
 * Asks a store in SQL: nothing that writes gets through, and nothing runs for ever. No state; any
 * thread.
 */
@NullMarked
package dev.freeway.controlplane.query;

import org.jspecify.annotations.NullMarked;
