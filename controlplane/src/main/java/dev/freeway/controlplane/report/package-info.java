/**
 * An inventory as one file: a page to read, JSON, CSV, a workbook. Reads resources once, in their
 * order, and holds no more of their documents than what is compressed of them.
 */
@NullMarked
package dev.freeway.controlplane.report;

import org.jspecify.annotations.NullMarked;
