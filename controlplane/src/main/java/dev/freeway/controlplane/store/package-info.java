/**
 * Keeps what scans saw: SQLite in one file, or PostgreSQL. Every writer and every read has its own
 * connection; the database lets one write at a time, for a batch.
 */
@NullMarked
package dev.freeway.controlplane.store;

import org.jspecify.annotations.NullMarked;
