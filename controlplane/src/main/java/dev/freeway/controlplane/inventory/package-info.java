/**
 * What an AWS account was seen to hold, and what could not be seen: values only, no I/O. Everything
 * here is immutable.
 */
@NullMarked
package dev.freeway.controlplane.inventory;

import org.jspecify.annotations.NullMarked;
