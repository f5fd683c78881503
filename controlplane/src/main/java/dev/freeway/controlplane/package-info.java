/**
 * {@code freeway}: the operator's command line, single-threaded unless a command says otherwise.
 */
@NullMarked
package dev.freeway.controlplane;

import org.jspecify.annotations.NullMarked;
