/**
 * What can be scanned: one file for each service under {@code services}, whose operations, members
 * and paths must exist in the SDK's models. Immutable; the format is described in {@code
 * controlplane/CATALOG.md}.
 */
@NullMarked
package dev.freeway.controlplane.catalog;

import org.jspecify.annotations.NullMarked;
