/** Whether resources have the tags that they should have. Values only, no I/O. */
@NullMarked
package dev.freeway.controlplane.tagging;

import org.jspecify.annotations.NullMarked;
