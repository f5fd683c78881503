/**
 * Scans an account by the catalogue: one virtual thread for each service in each region, one for
 * each call within it, all through one HTTP client and paced as AWS allows. Every call ends in the
 * ledger.
 */
@NullMarked
package dev.freeway.controlplane.collect;

import org.jspecify.annotations.NullMarked;
