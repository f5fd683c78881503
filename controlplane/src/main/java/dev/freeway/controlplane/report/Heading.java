package dev.freeway.controlplane.report;

import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.Store;
import java.time.Instant;
import java.util.List;

/**
 * What a report says of itself.
 *
 * @param accounts whose resources are in it, twelve digits each
 * @param scans of these accounts, the newest first
 * @param unseen the calls that may have hidden something, and nothing since made good for
 * @param leftOut what was not asked, as nothing of ours needs it
 * @param written when
 */
public record Heading(
    List<String> accounts,
    List<Scan> scans,
    List<LedgerEntry> unseen,
    List<LeftOut> leftOut,
    Instant written) {
  /** Copies the lists. */
  public Heading {
    accounts = List.copyOf(accounts);
    scans = List.copyOf(scans);
    unseen = List.copyOf(unseen);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * What a report of a store says of itself, written now.
   *
   * @param accounts whose resources are in it
   * @param scans of these accounts, the newest first
   * @param told those of them that the resources are as of; what they did not see is said
   */
  public static Heading of(Store store, List<String> accounts, List<Scan> scans, List<Scan> told) {
    return new Heading(
        accounts,
        scans,
        Unseen.of(store, told),
        LeftOut.of(store, told, Catalog.builtIn()),
        Instant.now());
  }

  /** An account's alias by its newest scan that knows one; empty when none does. */
  String alias(String account) {
    return scans.stream()
        .filter(scan -> scan.account().equals(account) && !scan.alias().isEmpty())
        .map(Scan::alias)
        .findFirst()
        .orElse("");
  }
}
