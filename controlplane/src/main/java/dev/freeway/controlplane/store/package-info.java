/**
 * Keeps what scans saw: SQLite in one file, or PostgreSQL. A store is used by one thread at a time
 * for writing; reading connections are separate.
 */
@NullMarked
package dev.freeway.controlplane.store;

import org.jspecify.annotations.NullMarked;
