/**
 * Questions in English: words become phrases of the catalogue's vocabulary, phrases become a typed
 * intent, and that becomes SQL with bound values. A word that has no part in it is an error. No
 * state after construction; any thread.
 */
@NullMarked
package dev.freeway.controlplane.ask;

import org.jspecify.annotations.NullMarked;
