package dev.freeway.controlplane;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a scan did not ask because nothing of ours needs it: no fault, and in no ledger. Told by the
 * catalogue: what is extra there, of types of which something was listed.
 */
final class LeftOut {
  private LeftOut() {}

  /** The operations, each as {@code kms GetKeyPolicy}, in their order. */
  static List<String> of(Scan scan, List<LedgerEntry> ledger, Catalog catalog) {
    Set<String> asked =
        ledger.stream()
            .map(entry -> entry.service() + " " + entry.operation())
            .collect(Collectors.toSet());
    Set<String> listed =
        ledger.stream()
            .filter(entry -> entry.items() > 0)
            .map(entry -> entry.service() + " " + entry.operation())
            .collect(Collectors.toSet());
    Set<String> left = new TreeSet<>();
    for (CatalogService service : catalog.services()) {
      if (!scan.services().contains(service.label())) {
        continue;
      }
      Set<String> there =
          service.types().stream()
              .filter(type -> listed.contains(name(service, type.sdk(), type.operation())))
              .map(ResourceType::name)
              .collect(Collectors.toSet());
      for (ResourceType type : service.types()) {
        if (type.extra() && type.parents().stream().anyMatch(there::contains)) {
          left.add(name(service, type.sdk(), type.operation()));
        }
        if (there.contains(type.name())) {
          type.details().stream()
              .filter(Detail::extra)
              .forEach(detail -> left.add(name(service, detail.sdk(), detail.operation())));
        }
      }
    }
    left.removeAll(asked);
    return List.copyOf(left);
  }

  private static String name(CatalogService service, String sdk, String operation) {
    return service.label() + " " + ServiceModel.of(sdk).operation(operation).awsName();
  }
}
