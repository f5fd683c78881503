package dev.freeway.controlplane;

import dev.freeway.controlplane.accounts.AssumedRole;
import dev.freeway.controlplane.accounts.RoleRequest;
import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.collect.Account;
import dev.freeway.controlplane.collect.Progress;
import dev.freeway.controlplane.collect.ScanRequest;
import dev.freeway.controlplane.collect.Scanner;
import dev.freeway.controlplane.collect.Session;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * Scans accounts, some at a time. What becomes of one is no other's concern: an account that cannot
 * be reached gets a scan whose ledger says why. Where the accounts are known beforehand each has
 * its scan in the store from the start, so that a run that is cut off is known as a whole to who
 * resumes it.
 */
final class AccountScans {
  private final Store store;
  private final ScanWish wish;
  private final RoleRequest roles;
  private final Progress progress;
  private final ScanReport report;
  private final boolean resume;
  private final Catalog catalog;
  private final Set<Scanner> running = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  AccountScans(
      Store store,
      ScanWish wish,
      Catalog catalog,
      RoleRequest roles,
      Progress progress,
      ScanReport report,
      boolean resume) {
    this.store = store;
    this.wish = wish;
    this.catalog = catalog;
    this.roles = roles;
    this.progress = progress;
    this.report = report;
    this.resume = resume;
  }

  /** What became of an account. */
  sealed interface Outcome {
    /** It was scanned; in full or not. */
    record Scanned(boolean whole) implements Outcome {}

    /** It was scanned in full before. */
    record Before() implements Outcome {}

    /**
     * It could not be asked at all.
     *
     * @param wrong whether the command line is what is wrong
     */
    record NotReached(String why, boolean wrong) implements Outcome {}
  }

  /** No further call begins, in any account; what was seen stays. */
  void stop() {
    stopped = true;
    running.forEach(Scanner::stop);
  }

  /**
   * Scans; returns when all is done or stopped, and everything is in the store.
   *
   * @return by target, in their order
   */
  List<Outcome> run(List<Target> targets, int atOnce) throws InterruptedException {
    Map<String, Scan> newest = resume ? newest() : Map.of();
    Map<String, Long> begun = new HashMap<>();
    if (targets.size() > 1) {
      for (Target target : targets) {
        target
            .id()
            .filter(id -> !newest.containsKey(id))
            .ifPresent(id -> begun.put(id, begin(id, target.name(), wish.regions(wish.regions()))));
      }
    }
    List<Outcome> outcomes = new ArrayList<>();
    try (ExecutorService threads =
        Executors.newFixedThreadPool(atOnce, Thread.ofVirtual().factory())) {
      List<Future<Outcome>> scans = new ArrayList<>();
      for (Target target : targets) {
        scans.add(threads.submit(() -> scan(target, newest, begun)));
      }
      for (Future<Outcome> scan : scans) {
        try {
          outcomes.add(scan.get());
        } catch (ExecutionException e) {
          throw e.getCause() instanceof RuntimeException thrown
              ? thrown
              : new IllegalStateException("a scan broke", e.getCause());
        }
      }
    }
    return outcomes;
  }

  /** The newest scan of each account. */
  private Map<String, Scan> newest() {
    Map<String, Scan> newest = new HashMap<>();
    store.scans().forEach(scan -> newest.putIfAbsent(scan.account(), scan));
    return newest;
  }

  private long begin(String account, String alias, List<String> regions) {
    try (ScanWriter writer =
        store.begin(account, alias, Instant.now(), regions, wish.labels(), wish.filter())) {
      return writer.id();
    }
  }

  /**
   * How an account is scanned.
   *
   * @param scan that is in the store already
   */
  private record Plan(ScanWish wish, Optional<Long> scan) {}

  /** Empty where the account was scanned in full before. */
  private Optional<Plan> plan(
      Optional<String> account, Map<String, Scan> newest, Map<String, Long> begun) {
    Optional<Scan> before = account.map(newest::get);
    if (before.isEmpty()) {
      return Optional.of(new Plan(wish, account.map(begun::get)));
    }
    return before
        .filter(scan -> scan.status() != Scan.Status.COMPLETE)
        .map(scan -> new Plan(ScanWish.of(scan, catalog, wish.details()), Optional.of(scan.id())));
  }

  private Outcome scan(Target target, Map<String, Scan> newest, Map<String, Long> begun)
      throws InterruptedException {
    Optional<Plan> first = plan(target.id(), newest, begun);
    if (first.isEmpty()) {
      return new Outcome.Before();
    }
    Optional<Outcome> busy = busy(first.get());
    if (busy.isPresent()) {
      return busy.get();
    }
    if (stopped) {
      hide(target, first.get(), id -> Refused.stopped(id, target.session().home()));
      return new Outcome.NotReached("stopped before", false);
    }
    try {
      Session session = session(target, first.get().wish);
      Account account = session.account();
      Optional<Plan> plan =
          target.id().isPresent() ? first : plan(Optional.of(account.id()), newest, begun);
      if (plan.isEmpty()) {
        return new Outcome.Before();
      }
      busy = busy(plan.get());
      return busy.isPresent() ? busy.get() : scan(target, session, account, plan.get());
    } catch (AwsException e) {
      hide(target, first.get(), id -> Refused.entry(id, target.session().home(), e));
      return new Outcome.NotReached(Refused.words(e), false);
    }
  }

  /** What is to be resumed may still run, in another process. */
  private Optional<Outcome> busy(Plan plan) {
    return plan.scan
        .filter(store::runs)
        .map(
            id ->
                new Outcome.NotReached(
                    "scan " + id + " still runs; expected --resume when it has ended", false));
  }

  private Session session(Target target, ScanWish asked) {
    return target
        .role()
        .map(
            role ->
                target
                    .session()
                    .with(
                        new AssumedRole(
                            target.session(),
                            role,
                            roles,
                            asked.operations(),
                            InstantSource.system())))
        .orElseGet(target::session);
  }

  /** Leaves a scan that saw nothing, of an account that is known. */
  private void hide(Target target, Plan plan, Function<String, LedgerEntry> why) {
    target
        .id()
        .ifPresent(
            account -> {
              long id = plan.scan.orElseGet(() -> begin(account, target.name(), List.of()));
              try (ScanWriter writer = store.resume(id)) {
                writer.called(why.apply(account));
                writer.finish(Scan.Status.PARTIAL, Instant.now());
              }
            });
  }

  private Outcome scan(Target target, Session session, Account account, Plan plan)
      throws InterruptedException {
    List<String> where = plan.wish.regions().isEmpty() ? account.regions() : plan.wish.regions();
    if (where.isEmpty()) {
      String why =
          "ec2:DescribeRegions is denied, so it is not known which regions are enabled; expected"
              + " -r REGION, or to be allowed it";
      hide(target, plan, id -> Refused.wrongly(id, session.home(), why));
      return new Outcome.NotReached(why, false);
    }
    for (String region : where) {
      if (!account.regions().isEmpty() && !account.regions().contains(region)) {
        String why =
            "-r "
                + region
                + ": not enabled in account "
                + account.id()
                + "; expected one of "
                + String.join(", ", account.regions());
        hide(target, plan, id -> Refused.wrongly(id, region, why));
        return new Outcome.NotReached(why, true);
      }
    }
    Instant started = Instant.now();
    List<String> kept = plan.wish.regions(where);
    try (ScanWriter writer =
        plan.scan.isPresent()
            ? store.resume(plan.scan.get(), kept)
            : store.begin(
                account.id(),
                account.alias().isEmpty() ? target.name() : account.alias(),
                started,
                kept,
                plan.wish.labels(),
                plan.wish.filter())) {
      Scanner scanner = session.scanner(account, progress);
      running.add(scanner);
      try {
        if (stopped) {
          scanner.stop();
        }
        ScanRequest request = plan.wish.request(account, where);
        Scanner.Result result = scanner.scan(request, writer);
        synchronized (this) { // its lines stand together
          report.ended(
              writer.id(), account, request, result, Duration.between(started, Instant.now()));
        }
        return new Outcome.Scanned(result.status() == Scan.Status.COMPLETE);
      } finally {
        running.remove(scanner);
      }
    }
  }
}
