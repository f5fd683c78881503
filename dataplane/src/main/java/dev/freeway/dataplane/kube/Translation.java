package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.InputError;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/**
 * Desired state and everything that did not become part of it.
 *
 * @param desired the services of all accepted Services
 * @param refused Services, as {@code namespace/name}, that the input names but that are not in
 *     {@code desired} because of an error: what the kernel holds of theirs is not unwanted
 * @param sliceless Services that are in {@code desired} without destinations, while a slice that
 *     may be theirs, by its namespace or its label, names no Service: the destinations that the
 *     kernel holds for them are not unwanted
 * @param errors why, in canonical order
 * @param notes what was left aside or decided, for people, in canonical order
 * @param complete false when something was unreadable as a whole, so that nothing may be deleted
 *     because it is not named
 */
public record Translation(
    Desired desired,
    Set<String> refused,
    Set<String> sliceless,
    List<InputError> errors,
    List<String> notes,
    boolean complete) {
  /** Of nothing that was read. */
  static final Translation NONE =
      new Translation(
          new Desired(Collections.emptySortedMap()),
          Set.of(),
          Set.of(),
          List.of(),
          List.of(),
          false);
}
