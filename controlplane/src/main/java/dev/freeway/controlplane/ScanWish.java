package dev.freeway.controlplane;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.OperationKey;
import dev.freeway.controlplane.collect.Account;
import dev.freeway.controlplane.collect.ScanRequest;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.inventory.Scope;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is asked for in each account.
 *
 * @param regions empty for all that are enabled
 * @param tags as {@code KEY=VALUE}; empty for every resource
 * @param details how many resources of a type and region are asked one by one for their attributes
 */
record ScanWish(
    List<CatalogService> services,
    List<String> regions,
    boolean includeGlobal,
    List<String> tags,
    boolean excludeDefaults,
    int details) {

  /** In a scan's filter, beside tags. */
  private static final String NO_DEFAULTS = "--exclude-defaults";

  /** What a scan that was cut off was asked for; details are not kept. */
  static ScanWish of(Scan scan, Catalog catalog, int details) {
    List<String> regions = new ArrayList<>(scan.regions());
    boolean global = regions.remove(Scope.GLOBAL);
    List<String> tags = new ArrayList<>(scan.filter());
    boolean excludes = tags.remove(NO_DEFAULTS);
    return new ScanWish(
        scan.services().stream().map(catalog::service).flatMap(Optional::stream).toList(),
        regions,
        global,
        tags,
        excludes,
        details);
  }

  /** What the store keeps of it as the scan's filter. */
  List<String> filter() {
    List<String> filter = new ArrayList<>(tags);
    if (excludeDefaults) {
      filter.add(NO_DEFAULTS);
    }
    return filter;
  }

  /** What the store keeps of it as the scan's regions, with those that an account has. */
  List<String> regions(List<String> asked) {
    List<String> kept = new ArrayList<>(asked);
    if (includeGlobal && !regions.isEmpty()) {
      kept.add(Scope.GLOBAL);
    }
    return kept;
  }

  /** The labels of its services. */
  List<String> labels() {
    return services.stream().map(CatalogService::label).toList();
  }

  /** Every operation that it may call in an account. */
  SortedSet<OperationKey> operations() {
    SortedSet<OperationKey> operations = new TreeSet<>(Account.asks());
    services.forEach(service -> operations.addAll(service.operations()));
    return operations;
  }

  /**
   * The request for an account.
   *
   * @param asked regions of the account
   */
  ScanRequest request(Account account, List<String> asked) {
    Map<String, Set<String>> values = new TreeMap<>();
    for (String tag : tags) {
      int equals = tag.indexOf('=');
      values
          .computeIfAbsent(tag.substring(0, equals), _ -> new HashSet<>())
          .add(tag.substring(equals + 1));
    }
    return new ScanRequest(
        account.id(),
        account.partition(),
        asked,
        includeGlobal || (!account.regions().isEmpty() && asked.containsAll(account.regions())),
        services,
        values,
        !excludeDefaults,
        details);
  }
}
