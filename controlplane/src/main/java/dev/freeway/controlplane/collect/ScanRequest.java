package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.catalog.CatalogService;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is to be scanned in one account.
 *
 * @param regions to ask in
 * @param global whether services that are in no region are asked too
 * @param tags a resource must have one of the values of each key; empty for every resource
 * @param withDefaults whether what AWS made itself is taken
 * @param details how many resources of a type and region are asked one by one for what no list has;
 *     of more, none is
 */
public record ScanRequest(
    String account,
    String partition,
    List<String> regions,
    boolean global,
    List<CatalogService> services,
    Map<String, Set<String>> tags,
    boolean withDefaults,
    int details) {

  /** Copies the collections. */
  public ScanRequest {
    regions = List.copyOf(regions);
    services = List.copyOf(services);
    tags = Map.copyOf(tags);
  }

  /** Whether resources are left out that are there: then nothing can be said to be gone. */
  public boolean filters() {
    return !tags.isEmpty() || !withDefaults;
  }
}
