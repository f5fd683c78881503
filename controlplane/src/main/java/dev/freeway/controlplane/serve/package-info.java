/**
 * The inventory in a browser, over HTTP on loopback. Connections are virtual threads'; what reads
 * the store are a few platform threads, because SQLite is native code, which would hold a virtual
 * one to its processor.
 */
@NullMarked
package dev.freeway.controlplane.serve;

import org.jspecify.annotations.NullMarked;
