package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Store;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What an inventory may lack. */
public final class Unseen {
  /** A ledger that is older than so many scans of its account says nothing of what is there now. */
  static final int SCANS = 30;

  private Unseen() {}

  private record Call(String account, String region, String service, String operation) {
    static Call of(LedgerEntry entry) {
      return new Call(entry.account(), entry.region(), entry.service(), entry.operation());
    }
  }

  /**
   * The entries that hide something and that no newer scan of their account made good for, by
   * account, service, operation and region.
   *
   * @param scans the newest first
   */
  public static List<LedgerEntry> of(Store store, List<Scan> scans) {
    List<LedgerEntry> unseen = new ArrayList<>();
    Set<Call> decided = new HashSet<>();
    for (Scan scan : scans.subList(0, Math.min(SCANS, scans.size()))) {
      List<LedgerEntry> ledger = store.ledger(scan.id());
      ledger.stream()
          .filter(entry -> entry.outcome().hides() && !decided.contains(Call.of(entry)))
          .forEach(unseen::add);
      ledger.forEach(entry -> decided.add(Call.of(entry)));
    }
    unseen.sort(
        Comparator.comparing(LedgerEntry::account)
            .thenComparing(LedgerEntry::service)
            .thenComparing(LedgerEntry::operation)
            .thenComparing(LedgerEntry::region));
    return unseen;
  }
}
