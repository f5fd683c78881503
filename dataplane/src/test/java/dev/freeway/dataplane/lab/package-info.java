/**
 * What the data plane promises, proved with packets on real kernels in the lab's guest: machines
 * are network namespaces, the servers and clients on them are threads of this one process. And what
 * it takes for granted of those kernels.
 */
@NullMarked
package dev.freeway.dataplane.lab;

import org.jspecify.annotations.NullMarked;
