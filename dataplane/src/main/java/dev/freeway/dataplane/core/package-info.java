/**
 * Desired, observed and effective state, and the difference between them as commands: pure values
 * and functions without I/O or clock; mutable parts belong to the thread that writes to the kernel.
 */
@NullMarked
package dev.freeway.dataplane.core;

import org.jspecify.annotations.NullMarked;
