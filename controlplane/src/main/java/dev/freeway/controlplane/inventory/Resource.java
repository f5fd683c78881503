package dev.freeway.controlplane.inventory;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One resource as AWS answered.
 *
 * @param scope where it was found; its region may be another than that of the list, as a bucket's
 * @param id unique within its scope, such as {@code i-0abc}
 * @param arn empty where AWS gives none and none can be made
 * @param name empty where it has none
 * @param isDefault whether AWS made it, such as a default VPC
 * @param parent the id of what it belongs to, of a type of the same service; empty when nothing
 * @param tags by key
 * @param document the whole answer as one JSON object; secrets redacted
 */
public record Resource(
    Scope scope,
    String id,
    String arn,
    String name,
    boolean isDefault,
    Optional<Instant> created,
    String parent,
    SortedMap<String, String> tags,
    String document) {

  /** Copies the tags. */
  public Resource {
    if (id.isEmpty()) {
      throw new IllegalArgumentException("a resource without an id in " + scope);
    }
    tags = Collections.unmodifiableSortedMap(new TreeMap<>(Map.copyOf(tags)));
  }

  /** The same with an empty document, which may be large where it is of no use. */
  public Resource withoutDocument() {
    return new Resource(scope, id, arn, name, isDefault, created, parent, tags, "{}");
  }
}
