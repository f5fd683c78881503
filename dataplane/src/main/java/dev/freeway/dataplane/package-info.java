/** {@code ipvs-router}: the command line and the wiring of the parts; start reading at Main. */
@NullMarked
package dev.freeway.dataplane;

import org.jspecify.annotations.NullMarked;
