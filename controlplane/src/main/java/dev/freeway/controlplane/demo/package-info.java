/**
 * An estate that is made up: everything is drawn from one seed, so that the same seed and the same
 * time make the same estate. Single-threaded.
 */
@NullMarked
package dev.freeway.controlplane.demo;

import org.jspecify.annotations.NullMarked;
