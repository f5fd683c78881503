/**
 * What the data plane takes for granted of the kernels it runs on; single-threaded, in the lab's
 * guest.
 */
@NullMarked
package dev.freeway.dataplane.lab;

import org.jspecify.annotations.NullMarked;
