/** Rows as people and programs want them: text in columns, JSON, CSV, YAML. Holds no state. */
@NullMarked
package dev.freeway.controlplane.output;

import org.jspecify.annotations.NullMarked;
