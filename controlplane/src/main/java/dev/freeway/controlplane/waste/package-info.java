/**
 * What is paid for and used by nothing, as far as the inventory itself shows it for certain. What a
 * scan could not see is taken for used. Reads the store; changes nothing.
 */
@NullMarked
package dev.freeway.controlplane.waste;

import org.jspecify.annotations.NullMarked;
