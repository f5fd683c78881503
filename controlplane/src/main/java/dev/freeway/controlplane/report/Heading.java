package dev.freeway.controlplane.report;

import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
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

  /** An account's alias by its newest scan that knows one; empty when none does. */
  String alias(String account) {
    return scans.stream()
        .filter(scan -> scan.account().equals(account) && !scan.alias().isEmpty())
        .map(Scan::alias)
        .findFirst()
        .orElse("");
  }
}
