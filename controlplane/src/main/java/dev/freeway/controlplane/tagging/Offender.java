package dev.freeway.controlplane.tagging;

import dev.freeway.controlplane.inventory.Resource;
import java.util.List;

/**
 * A resource that lacks tags.
 *
 * @param missing the keys that are required and have no value; empty when none are required and it
 *     has no tag at all
 */
public record Offender(Resource resource, List<String> missing) {
  /** Copies the list. */
  public Offender {
    missing = List.copyOf(missing);
  }
}
