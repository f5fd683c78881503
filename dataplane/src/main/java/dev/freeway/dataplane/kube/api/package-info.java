/**
 * The API server as a program sees it: objects listed and watched, requests answered. It knows
 * nothing of what the objects mean. Everything is called back on one thread, which the caller
 * gives; the HTTP client's own threads only hand over bytes, with the time they came.
 */
@NullMarked
package dev.freeway.dataplane.kube.api;

import org.jspecify.annotations.NullMarked;
