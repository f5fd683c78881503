/** Whether resources have the tags that they should have. Reads the store, changes nothing. */
@NullMarked
package dev.freeway.controlplane.tagging;

import org.jspecify.annotations.NullMarked;
