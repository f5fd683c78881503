package dev.freeway.controlplane.catalog;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A service of the catalogue.
 *
 * @param label what {@code -s} takes
 * @param category such as Compute
 * @param words further words that people call it by, for questions
 * @param types in the file's order; a parent before its children
 */
public record CatalogService(
    String label, String category, List<String> words, List<ResourceType> types) {
  /** Copies the lists. */
  public CatalogService {
    words = List.copyOf(words);
    types = List.copyOf(types);
  }

  /** Every operation that its types may be asked with. */
  public SortedSet<OperationKey> operations() {
    SortedSet<OperationKey> operations = new TreeSet<>();
    for (ResourceType type : types) {
      operations.add(new OperationKey(type.sdk(), type.operation()));
      type.details()
          .forEach(detail -> operations.add(new OperationKey(detail.sdk(), detail.operation())));
    }
    return operations;
  }
}
