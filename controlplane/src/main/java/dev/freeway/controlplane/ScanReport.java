package dev.freeway.controlplane;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.aws.NativeCryptography;
import dev.freeway.controlplane.collect.Account;
import dev.freeway.controlplane.collect.ScanRequest;
import dev.freeway.controlplane.collect.Scanner;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.output.Printable;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Prints what a scan came to. */
record ScanReport(PrintWriter out, PrintWriter err, boolean quiet, boolean timings) {
  private static final int SHOWN = 5;

  /** One account's scan has ended. */
  void ended(
      long scan, Account account, ScanRequest request, Scanner.Result result, Duration took) {
    long requests = result.ledger().stream().mapToLong(LedgerEntry::pages).sum();
    if (!quiet) {
      out.printf(
          "scan %d of account %s%s: %,d resources, %d services, %d regions, %,d answers, %.1f s%n",
          scan,
          account.id(),
          account.alias().isEmpty() ? "" : " (" + Printable.of(account.alias()) + ")",
          result.resources(),
          request.services().size(),
          request.regions().size(),
          requests,
          took.toMillis() / 1000.0);
      leftOut(result.leftOut());
    }
    if (timings) {
      timings(result.ledger());
    }
    refusals(result);
    out.flush();
  }

  /** No fault: the extra calls of the catalogue, which no query of ours needs. */
  private void leftOut(Map<String, Long> calls) {
    if (!calls.isEmpty()) {
      out.printf(
          "left out: %,d calls that no query needs, of %d operations: %s; --details all makes"
              + " them%n",
          calls.values().stream().mapToLong(Long::longValue).sum(),
          calls.size(),
          calls.entrySet().stream()
              .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
              .limit(SHOWN)
              .map(Map.Entry::getKey)
              .collect(Collectors.joining(", ", "", calls.size() > SHOWN ? ", ..." : "")));
    }
  }

  private void timings(List<LedgerEntry> ledger) {
    Map<String, Duration> byService = new TreeMap<>();
    for (LedgerEntry entry : ledger) {
      byService.merge(entry.service(), entry.time(), Duration::plus);
    }
    out.println("seconds in calls, by service, waiting included:");
    byService.entrySet().stream()
        .sorted(Map.Entry.<String, Duration>comparingByValue().reversed())
        .forEach(
            entry ->
                out.printf("%10.2f  %s%n", entry.getValue().toMillis() / 1000.0, entry.getKey()));
  }

  /** All accounts' scans have ended, over the same connections. */
  void connections(long handshakes) {
    if (timings) {
      out.printf(
          "new TLS connections: %,d, ciphers by %s%n", handshakes, NativeCryptography.inUse());
      out.flush();
    }
  }

  /** What was refused, by service and reason. */
  private void refusals(Scanner.Result result) {
    record Reason(String service, LedgerEntry.Outcome outcome, String code) {}
    Map<Reason, List<LedgerEntry>> reasons = new HashMap<>();
    List<LedgerEntry> ended = new ArrayList<>();
    for (LedgerEntry entry : result.ledger()) {
      if (entry.outcome().hides() && AwsException.ended(entry.code())) {
        ended.add(entry);
      } else if (entry.outcome().hides()) {
        reasons
            .computeIfAbsent(
                new Reason(entry.service(), entry.outcome(), entry.code()), _ -> new ArrayList<>())
            .add(entry);
      }
    }
    credentials(ended);
    if (reasons.isEmpty()) {
      return;
    }
    err.println("not seen, by service and reason (freeway errors has all):");
    reasons.entrySet().stream()
        .sorted(
            Comparator.comparing(
                entry ->
                    entry.getKey().service() + entry.getKey().outcome() + entry.getKey().code()))
        .forEach(
            entry -> {
              Reason reason = entry.getKey();
              List<LedgerEntry> entries = entry.getValue();
              String operations =
                  entries.stream()
                      .map(LedgerEntry::operation)
                      .distinct()
                      .sorted()
                      .collect(Collectors.joining(", "));
              long regions = entries.stream().map(LedgerEntry::region).distinct().count();
              err.printf(
                  "  %s: %s%s: %s in %d region%s: %s%n",
                  reason.service(),
                  reason.outcome().name().toLowerCase(Locale.ROOT),
                  reason.code().isEmpty() ? "" : " (" + Printable.of(reason.code()) + ")",
                  operations,
                  regions,
                  regions == 1 ? "" : "s",
                  Printable.cut(Printable.of(entries.getFirst().message()), 120));
            });
    err.flush();
  }

  /** Once for all calls, for each of them says the same. */
  private void credentials(List<LedgerEntry> ended) {
    if (ended.isEmpty()) {
      return;
    }
    LedgerEntry first = ended.getFirst();
    err.printf(
        "the credentials ended before the scan did (%s: %s): %,d operations of %,d services were"
            + " not answered, and the scan is partial. Get new ones, then freeway scan --resume,"
            + " with the same accounts and --db, asks only these.%n",
        first.code(),
        Printable.cut(Printable.of(first.message()), 240),
        ended.stream().map(entry -> entry.service() + " " + entry.operation()).distinct().count(),
        ended.stream().map(LedgerEntry::service).distinct().count());
    err.flush();
  }

  /** What would be scanned, and by what. */
  void plan(Targets found, int sessions, int operations) {
    for (Target target : found.targets()) {
      out.println(target.label() + "  by " + target.by());
    }
    left(found);
    out.printf(
        "%d account%s. %s%n",
        found.targets().size(),
        found.targets().size() == 1 ? "" : "s",
        found.targets().stream().noneMatch(target -> target.role().isPresent())
            ? "Nothing was scanned."
            : "A role is assumed by up to "
                + sessions
                + " sessions, whose policies allow what "
                + operations
                + " operations take and nothing else. Nothing was assumed.");
    out.flush();
  }

  /** Accounts that are not scanned, as they are suspended. */
  void left(Targets found) {
    found
        .left()
        .forEach(
            member ->
                out.println(
                    "left out: "
                        + member.id()
                        + (member.name().isEmpty() ? "" : " (" + Printable.of(member.name()) + ")")
                        + ": "
                        + member.status()));
    out.flush();
  }
}
