package dev.freeway.controlplane.report;

import dev.freeway.controlplane.aws.ServiceModel;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.Detail;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Store;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a scan did not ask because nothing of ours needs it: no fault, and in no ledger. Told by the
 * catalogue: what is extra there, of types of which something was listed.
 *
 * @param account twelve digits
 * @param service the catalogue's label, such as {@code kms}
 * @param operation in AWS's words, such as {@code GetKeyPolicy}
 */
public record LeftOut(String account, String service, String operation)
    implements Comparable<LeftOut> {
  /** What to do about it. */
  public static final String WHY = "no query needs it; freeway scan --details all asks";

  /** In the place of a ledger's outcome. */
  public static final String OUTCOME = "not_asked";

  @Override
  public int compareTo(LeftOut other) {
    return Comparator.comparing(LeftOut::account)
        .thenComparing(LeftOut::service)
        .thenComparing(LeftOut::operation)
        .compare(this, other);
  }

  /** What one scan left out, in order. */
  public static List<LeftOut> of(Scan scan, List<LedgerEntry> ledger, Catalog catalog) {
    Set<String> asked =
        ledger.stream()
            .map(entry -> entry.service() + " " + entry.operation())
            .collect(Collectors.toSet());
    Set<String> listed =
        ledger.stream()
            .filter(entry -> entry.items() > 0)
            .map(entry -> entry.service() + " " + entry.operation())
            .collect(Collectors.toSet());
    Set<LeftOut> left = new TreeSet<>();
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
          left.add(left(scan, service, type.sdk(), type.operation()));
        }
        if (there.contains(type.name())) {
          type.details().stream()
              .filter(Detail::extra)
              .forEach(detail -> left.add(left(scan, service, detail.sdk(), detail.operation())));
        }
      }
    }
    left.removeIf(each -> asked.contains(each.call()));
    return List.copyOf(left);
  }

  /**
   * What the newest scans left out, by account, service and operation, and no newer scan of the
   * account asked.
   *
   * @param scans the newest first
   */
  public static List<LeftOut> of(Store store, List<Scan> scans, Catalog catalog) {
    List<LeftOut> all = new ArrayList<>();
    Set<String> decided = new HashSet<>();
    for (Scan scan : scans.subList(0, Math.min(Unseen.SCANS, scans.size()))) {
      List<LedgerEntry> ledger = store.ledger(scan.id());
      List<LeftOut> left = of(scan, ledger, catalog);
      left.stream()
          .filter(each -> !decided.contains(each.account() + " " + each.call()))
          .forEach(all::add);
      left.forEach(each -> decided.add(each.account() + " " + each.call()));
      ledger.forEach(
          entry -> decided.add(entry.account() + " " + entry.service() + " " + entry.operation()));
    }
    all.sort(Comparator.naturalOrder());
    return all;
  }

  /** As {@code kms GetKeyPolicy}. */
  public String call() {
    return service + " " + operation;
  }

  private static LeftOut left(Scan scan, CatalogService service, String sdk, String operation) {
    return new LeftOut(scan.account(), service.label(), awsName(sdk, operation));
  }

  private static String name(CatalogService service, String sdk, String operation) {
    return service.label() + " " + awsName(sdk, operation);
  }

  private static String awsName(String sdk, String operation) {
    return ServiceModel.of(sdk).operation(operation).awsName();
  }
}
