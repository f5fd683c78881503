package dev.freeway.dataplane.core;

import java.util.Collections;
import java.util.SortedMap;

/**
 * What the kernel's table holds of ours, or is to hold: the policy's answer, and the shape in which
 * a dump is compared with it.
 *
 * @param services by key, in canonical order
 */
public record Effective(SortedMap<ServiceKey, EffectiveService> services) {
  public static final Effective EMPTY = new Effective(Collections.emptySortedMap());
}
