/**
 * What commands and the page of {@code serve} both show, as rows of cells. Values only, no I/O; any
 * thread may use them.
 */
@NullMarked
package dev.freeway.controlplane.tables;

import org.jspecify.annotations.NullMarked;
