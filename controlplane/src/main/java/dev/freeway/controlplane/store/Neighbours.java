package dev.freeway.controlplane.store;

import dev.freeway.controlplane.inventory.Relation;
import java.util.List;

/**
 * What a resource has to do with others.
 *
 * @param names what its document names
 * @param namedBy what names it, by its id or its ARN
 */
public record Neighbours(List<Relation> names, List<Relation> namedBy) {
  /** Copies the lists. */
  public Neighbours {
    names = List.copyOf(names);
    namedBy = List.copyOf(namedBy);
  }
}
