package dev.freeway.controlplane.diff;

import dev.freeway.controlplane.inventory.Resource;
import java.util.List;

/**
 * What became of a resource.
 *
 * @param resource as it is after; as it was before when it was removed
 * @param fields that changed, of a modified one; never empty then unless tags changed
 * @param tags that were added, removed or changed, of a modified one
 */
public record Change(
    Kind kind, Resource resource, List<FieldChange> fields, List<FieldChange> tags) {
  /** How. */
  public enum Kind {
    /** It was not there before. */
    ADDED,
    /** It is not there any more. */
    REMOVED,
    /** It is another. */
    MODIFIED
  }

  /** Copies the lists. */
  public Change {
    fields = List.copyOf(fields);
    tags = List.copyOf(tags);
  }
}
