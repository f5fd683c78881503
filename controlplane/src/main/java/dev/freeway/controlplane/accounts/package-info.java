/**
 * Which accounts are scanned and with whose credentials: profiles, roles, a whole organisation. A
 * role is assumed with session policies that allow what the catalogue's operations take, and
 * nothing else. Any thread may use what is here.
 */
@NullMarked
package dev.freeway.controlplane.accounts;

import org.jspecify.annotations.NullMarked;
