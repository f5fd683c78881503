/**
 * AWS's operations, called by the SDK's own protocol code from models that were read off its
 * clients when Freeway was built: one megabyte instead of a client for each of hundreds of
 * services. Its values are immutable; a client may be used by any thread.
 */
@NullMarked
package dev.freeway.controlplane.aws;

import org.jspecify.annotations.NullMarked;
