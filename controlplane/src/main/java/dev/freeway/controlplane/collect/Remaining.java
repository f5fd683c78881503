package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scope;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a scan that was cut off has still to ask: the types that were not seen in full, those of
 * which a call was refused, and what these belong to or come after, as their calls need it.
 */
final class Remaining {
  private final ScanRequest request;
  private final Set<Scope> covered;
  private final List<LedgerEntry> hidden;
  private final Set<LedgerEntry> again = new HashSet<>();

  /**
   * What remains.
   *
   * @param covered what was seen in full; empty for a new scan
   * @param hidden what was refused
   */
  Remaining(ScanRequest request, Set<Scope> covered, List<LedgerEntry> hidden) {
    this.request = request;
    this.covered = covered;
    this.hidden = hidden;
  }

  /** The types of a service that are to be asked in a region; none when all was seen. */
  List<ResourceType> of(CatalogService service, String region, boolean global) {
    if (covered.isEmpty() && hidden.isEmpty()) {
      return service.types();
    }
    Map<String, ResourceType> byName = new HashMap<>();
    service.types().forEach(type -> byName.put(type.name(), type));
    Set<String> wanted = new HashSet<>();
    for (ResourceType type : service.types()) {
      boolean refused = refused(service, type, region, global);
      boolean asked = !type.extra() || request.extras();
      if (refused || (asked && !covered.containsAll(request.scopes(type, region, global)))) {
        want(type, byName, wanted);
      }
    }
    return service.types().stream().filter(type -> wanted.contains(type.name())).toList();
  }

  private static void want(
      ResourceType type, Map<String, ResourceType> byName, Set<String> wanted) {
    if (wanted.add(type.name())) {
      Stream.concat(type.parents().stream(), type.after().stream())
          .map(byName::get)
          .filter(Objects::nonNull)
          .forEach(needed -> want(needed, byName, wanted));
    }
  }

  private boolean refused(
      CatalogService service, ResourceType type, String region, boolean global) {
    boolean elsewhere = global || type.region().isPresent();
    boolean refused = false;
    for (LedgerEntry entry : hidden) {
      if (entry.service().equals(service.label())
          && (elsewhere || entry.region().equals(region))
          && asks(type, entry.operation())) {
        again.add(entry);
        refused = true;
      }
    }
    return refused;
  }

  private static boolean asks(ResourceType type, String operation) {
    if (ServiceModel.of(type.sdk()).operation(type.operation()).awsName().equals(operation)) {
      return true;
    }
    for (Detail detail : type.details()) {
      if (ServiceModel.of(detail.sdk()).operation(detail.operation()).awsName().equals(operation)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Those of the refusals that are asked again by what {@link #of} returned, and those that stood
   * for the whole scan: it had no credentials, or was stopped.
   */
  List<LedgerEntry> askedAgain() {
    return hidden.stream()
        .filter(
            entry ->
                again.contains(entry)
                    || entry.outcome() == LedgerEntry.Outcome.STOPPED
                    || entry.service().equals("sts"))
        .toList();
  }
}
