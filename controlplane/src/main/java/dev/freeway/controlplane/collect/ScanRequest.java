package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.Scope;
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
 *     of more, none is. {@link #ALL}: of any number, and for the extra ones too
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

  /** No number of details is too large, and none is left out. */
  public static final int ALL = Integer.MAX_VALUE;

  /** Copies the collections. */
  public ScanRequest {
    regions = List.copyOf(regions);
    services = List.copyOf(services);
    tags = Map.copyOf(tags);
  }

  /** What is seen in full when all calls for a type go well that are made from one region. */
  List<Scope> scopes(ResourceType type, String region, boolean fromNoRegion) {
    List<String> where =
        !fromNoRegion
            ? List.of(region)
            : type.region().isEmpty() || global ? List.of(Scope.GLOBAL) : regions;
    return where.stream().map(one -> new Scope(account, type.service(), one, type.name())).toList();
  }

  /** Whether what nothing of ours needs is asked for too. */
  boolean extras() {
    return details == ALL;
  }

  /** Whether resources are left out that are there: then nothing can be said to be gone. */
  public boolean filters() {
    return !tags.isEmpty() || !withDefaults;
  }
}
