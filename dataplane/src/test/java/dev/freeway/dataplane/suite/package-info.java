/**
 * What every data plane promises, once: the kernel's IPVS and the relay are asked the same, by
 * commands to their tables and over real sockets. JUnit's thread owns a table; servers have threads
 * of their own.
 */
@NullMarked
package dev.freeway.dataplane.suite;

import org.jspecify.annotations.NullMarked;
