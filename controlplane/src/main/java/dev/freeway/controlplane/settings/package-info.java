/**
 * What a user has set once and for all: a file of keys and values that every command starts from.
 */
@NullMarked
package dev.freeway.controlplane.settings;

import org.jspecify.annotations.NullMarked;
