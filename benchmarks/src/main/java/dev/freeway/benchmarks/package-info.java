/** Measurements of Freeway beside its peers; each figure names its goal and whether it holds. */
@NullMarked
package dev.freeway.benchmarks;

import org.jspecify.annotations.NullMarked;
