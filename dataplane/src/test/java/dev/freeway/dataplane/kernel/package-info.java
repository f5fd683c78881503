/**
 * A model of the kernel's IPVS behind a netlink socket, for tests and benchmarks without a kernel;
 * checked against real kernels by its own tests. A model is guarded by its own monitor.
 */
@NullMarked
package dev.freeway.dataplane.kernel;

import org.jspecify.annotations.NullMarked;
