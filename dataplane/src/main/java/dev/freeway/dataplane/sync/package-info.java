/**
 * The single writer to the kernel: plans, executes and repairs, keeps the record of what is ours,
 * and times every change. What is mutable belongs to the writer's thread.
 */
@NullMarked
package dev.freeway.dataplane.sync;

import org.jspecify.annotations.NullMarked;
