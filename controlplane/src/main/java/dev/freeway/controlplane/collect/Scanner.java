package dev.freeway.controlplane.collect;

import dev.freeway.controlplane.aws.Endpoints;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.catalog.ListScope;
import dev.freeway.controlplane.catalog.ResourceType;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Scans one account by the catalogue. */
public final class Scanner {
  /** The partitions whose regions the catalogue names. */
  private static final Set<String> CATALOGUED = Set.of("aws", "aws-us-gov", "aws-cn");

  /** Where others have what is in no region. */
  private static final Map<String, String> ISOLATED =
      Map.of(
          "aws-iso", "us-iso-east-1",
          "aws-iso-b", "us-isob-east-1",
          "aws-iso-e", "eu-isoe-west-1",
          "aws-iso-f", "us-isof-south-1",
          "aws-eusc", "eusc-de-east-1");

  /** Who waits longest begins first: the others have the processors while it waits. */
  static final Comparator<CatalogService> ORDER = Comparator.comparingDouble(Scanner::slowest);

  private final Caller caller;
  private final Ledger ledger;
  private final Progress progress;

  Scanner(Caller caller, Ledger ledger, Progress progress) {
    this.caller = caller;
    this.ledger = ledger;
    this.progress = progress;
  }

  /** A service in a region, or in none. */
  private record Unit(CatalogService service, String region, boolean global) {}

  /**
   * What a scan came to.
   *
   * @param resources how many were seen
   * @param ledger every call
   * @param leftOut how many calls were not made as nothing of ours needs them, by service and
   *     operation, as {@code kms GetKeyPolicy}
   */
  public record Result(
      Scan.Status status,
      long resources,
      List<LedgerEntry> ledger,
      SortedMap<String, Long> leftOut) {}

  /** No further call begins; what was seen stays. */
  public void stop() {
    caller.stop();
  }

  /**
   * Scans; returns when all is done or stopped, and everything is in the writer.
   *
   * @throws StoreException when the writer cannot write; nothing is asked from then on
   */
  public Result scan(ScanRequest request, ScanWriter writer) throws InterruptedException {
    Remaining remaining = new Remaining(request, writer.covered(), writer.hidden());
    List<Unit> units = units(request, remaining);
    List<LedgerEntry> askedAgain = remaining.askedAgain();
    boolean stillHidden = writer.hidden().size() > askedAgain.size();
    progress.begins(units.size());
    BulkTags bulk = new BulkTags(caller, request.services().size());
    WholeScopes wholes = new WholeScopes(writer, caller.waiting()::nanos);
    Answers answers = new Answers(caller, request.services());
    long found = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> running = new ArrayList<>();
      for (Unit unit : units) {
        running.add(
            threads.submit(
                () -> {
                  UnitCalls calls =
                      new UnitCalls(
                          request,
                          unit.service.label(),
                          unit.region,
                          caller,
                          answers,
                          threads,
                          new AtomicBoolean());
                  UnitScan scan =
                      new UnitScan(calls, unit.service, unit.global, bulk, writer, wholes);
                  long seen = scan.run();
                  progress.done(unit.service.label(), unit.region, seen, scan.hidden());
                  return seen;
                }));
      }
      for (Future<Long> unit : running) {
        try {
          found += unit.get();
        } catch (ExecutionException e) {
          throw e.getCause() instanceof StoreException refused
              ? refused
              : new IllegalStateException("a part of the scan broke", e.getCause());
        }
      }
    }
    wholes.handOn();
    List<LedgerEntry> entries = ledger.entries();
    writer.askedAgain(askedAgain);
    entries.forEach(writer::called);
    boolean hides =
        stillHidden
            || caller.stopped()
            || entries.stream().anyMatch(entry -> entry.outcome().hides());
    Scan.Status status = hides ? Scan.Status.PARTIAL : Scan.Status.COMPLETE;
    writer.finish(status, Instant.now());
    return new Result(status, found, entries, ledger.leftOut());
  }

  private static List<Unit> units(ScanRequest request, Remaining remaining) {
    List<Unit> units = new ArrayList<>();
    for (CatalogService service : request.services().stream().sorted(ORDER).toList()) {
      List<ListScope> scopes =
          service.types().stream().map(type -> type.scope()).distinct().toList();
      for (ListScope scope : scopes) {
        if (scope.kind() == ListScope.Kind.GLOBAL) {
          control(scope, request)
              .ifPresent(region -> add(units, only(service, scope), region, true, remaining));
        } else {
          for (String region : request.regions()) {
            if (scope.regions().isEmpty() || scope.regions().contains(region)) {
              add(units, only(service, scope), region, false, remaining);
            }
          }
        }
      }
    }
    return units;
  }

  /** How many requests a second its slowest call allows. */
  private static double slowest(CatalogService service) {
    return service.types().stream()
        .flatMap(
            type ->
                Stream.concat(
                    Stream.of(Limits.of(type.sdk(), type.operation())),
                    type.details().stream()
                        .map(detail -> Limits.of(detail.sdk(), detail.operation()))))
        .mapToDouble(Limits.Limit::rate)
        .min()
        .orElse(Double.MAX_VALUE);
  }

  private static void add(
      List<Unit> units,
      CatalogService service,
      String region,
      boolean global,
      Remaining remaining) {
    List<ResourceType> types = remaining.of(service, region, global);
    if (!types.isEmpty()) {
      units.add(
          new Unit(
              new CatalogService(service.label(), service.category(), service.words(), types),
              region,
              global));
    }
  }

  private static CatalogService only(CatalogService service, ListScope scope) {
    return new CatalogService(
        service.label(),
        service.category(),
        service.words(),
        service.types().stream().filter(type -> type.scope().equals(scope)).toList());
  }

  /**
   * Where a global service is asked: in its region of the partition, when it is wanted; nowhere
   * where the partition does not have it.
   */
  static Optional<String> control(ListScope scope, ScanRequest request) {
    String partition = request.partition();
    Optional<String> region =
        scope.regions().stream()
            .filter(one -> Endpoints.partition(one).equals(partition))
            .findFirst();
    if (region.isEmpty() && !CATALOGUED.contains(partition)) {
      region = Optional.ofNullable(ISOLATED.get(partition));
    }
    return region.filter(one -> request.global() || request.regions().contains(one));
  }
}
