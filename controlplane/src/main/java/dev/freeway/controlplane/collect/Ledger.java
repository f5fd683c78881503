package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.inventory.LedgerEntry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What came of every call of a scan, added up by operation and outcome. Any thread may write. */
final class Ledger {
  /** Calls with these are one entry. */
  private record Key(
      String region, String service, String operation, LedgerEntry.Outcome outcome, String code) {}

  private static final class Sum {
    private final LongAdder calls = new LongAdder();
    private final LongAdder pages = new LongAdder();
    private final LongAdder items = new LongAdder();
    private final LongAdder retries = new LongAdder();
    private final LongAdder nanos = new LongAdder();
    private volatile String message = "";
  }

  private final String account;
  private final Map<Key, Sum> sums = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> leftOut = new ConcurrentHashMap<>();

  Ledger(String account) {
    this.account = account;
  }

  /** One call with all its pages and retries ended. */
  void called(
      String region,
      String service,
      String operation,
      LedgerEntry.Outcome outcome,
      String code,
      String message,
      Count count) {
    Sum sum =
        sums.computeIfAbsent(new Key(region, service, operation, outcome, code), _ -> new Sum());
    sum.calls.add(count.calls);
    sum.pages.add(count.pages);
    sum.items.add(count.items);
    sum.retries.add(count.retries);
    sum.nanos.add(count.nanos);
    if (sum.message.isEmpty()) {
      sum.message = message;
    }
  }

  /** Calls that were not made, as nothing of ours needs them. */
  void leftOut(String service, String operation, int calls) {
    leftOut.computeIfAbsent(service + " " + operation, _ -> new LongAdder()).add(calls);
  }

  /** How many calls were left out, by service and operation, as {@code kms GetKeyPolicy}. */
  SortedMap<String, Long> leftOut() {
    SortedMap<String, Long> all = new TreeMap<>();
    leftOut.forEach((operation, calls) -> all.put(operation, calls.sum()));
    return all;
  }

  /** What a call came to; owned by its thread. */
  static final class Count {
    long calls;
    long pages;
    long items;
    long retries;
    long nanos;

    /** For taking in what was answered; no part of the call's time. */
    long aside;
  }

  /** All entries so far, in no order. */
  List<LedgerEntry> entries() {
    return sums.entrySet().stream()
        .map(
            entry -> {
              Key key = entry.getKey();
              Sum sum = entry.getValue();
              return new LedgerEntry(
                  account,
                  key.region,
                  key.service,
                  key.operation,
                  sum.calls.sum(),
                  sum.pages.sum(),
                  sum.items.sum(),
                  sum.retries.sum(),
                  Duration.ofNanos(sum.nanos.sum()),
                  key.outcome,
                  key.code,
                  sum.message);
            })
        .toList();
  }
}
