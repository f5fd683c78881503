/**
 * What on this machine stands in the router's way, each with the command that mends it: pure checks
 * over facts, and the one reader that gathers these. Used by the thread that calls it.
 */
@NullMarked
package dev.freeway.dataplane.doctor;

import org.jspecify.annotations.NullMarked;
