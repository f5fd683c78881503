package dev.freeway.controlplane;

import dev.freeway.controlplane.aws.AwsException;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.collect.Access;
import dev.freeway.controlplane.collect.Account;
import dev.freeway.controlplane.collect.ScanRequest;
import dev.freeway.controlplane.collect.Scanner;
import dev.freeway.controlplane.collect.Session;
import dev.freeway.controlplane.inventory.LedgerEntry;
import dev.freeway.controlplane.inventory.Scan;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.store.ScanWriter;
import dev.freeway.controlplane.store.Store;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code freeway scan}. */
@Command(
    name = "scan",
    description = "Sees everything in an account and keeps it.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:everything that was asked for was seen",
      "1:nothing was scanned",
      "3:something was refused, throttled out or failed; it is listed",
      "64:the command line is wrong"
    })
final class ScanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private AwsOptions aws = new AwsOptions();
  @Mixin private StoreOptions stores = new StoreOptions();

  @Option(
      names = {"-r", "--region"},
      paramLabel = "REGION",
      split = ",",
      description = "ask in these regions. Default: all that are enabled")
  private List<String> regions = new ArrayList<>();

  @Option(
      names = {"-s", "--service", "--services"},
      paramLabel = "SERVICE",
      split = ",",
      description = "ask these services; freeway services lists them. Default: all")
  private List<String> services = new ArrayList<>();

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "KEY=VALUE",
      description =
          "keep what has this tag; of several, one of the values of each key. Such a scan retires"
              + " nothing")
  private List<String> tags = new ArrayList<>();

  @Option(
      names = "--exclude-defaults",
      description = "leave out what AWS made itself, such as default VPCs")
  private boolean excludeDefaults;

  @Option(
      names = "--include-global",
      description = "with -r: ask services too that are in no region, such as IAM")
  private boolean includeGlobal;

  @Option(
      names = {"-w", "--workers"},
      paramLabel = "N",
      defaultValue = "48",
      description = "how many requests wait for an answer at the same time. Default: 48")
  private int workers;

  @Option(
      names = "--details",
      paramLabel = "N",
      defaultValue = "1000",
      converter = Details.class,
      description =
          "ask up to so many resources of a type and region one by one for what no list has, and of"
              + " more none; all: of any number. Default: 1000")
  private int details;

  @Option(
      names = "--timings",
      description = "print which services took how long, and how many connections were new")
  private boolean timings;

  @Option(
      names = {"-q", "--quiet"},
      description = "print only what went wrong")
  private boolean quiet;

  /** A number, or all. */
  private static final class Details implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (text.equals("all")) {
        return Integer.MAX_VALUE;
      }
      if (!text.matches("\\d{1,9}")) {
        throw new TypeConversionException("'" + text + "': expected a number, or all");
      }
      return Integer.parseInt(text);
    }
  }

  @Override
  public Integer call() throws Exception {
    List<CatalogService> asked = services(Catalog.builtIn());
    Map<String, Set<String>> filter = filter();
    if (workers < 1 || workers > 1024) {
      throw new ParameterException(spec.commandLine(), "-w " + workers + ": expected 1 to 1024");
    }
    Store store = stores.open();
    int worst = ExitCode.DONE;
    for (Access access : aws.access()) {
      worst = Math.max(worst, scan(access, asked, filter, store));
    }
    return worst;
  }

  private int scan(
      Access access, List<CatalogService> asked, Map<String, Set<String>> filter, Store store)
      throws InterruptedException {
    try (Session session = Session.open(access, workers, System.getenv())) {
      Account account;
      try {
        account = session.account();
      } catch (AwsException e) {
        throw new CommandException(
            (access.profile().isEmpty() ? "" : "profile " + access.profile() + ": ")
                + e.operation()
                + ": "
                + e.code()
                + (e.code().isEmpty() ? "" : ": ")
                + e.said()
                + (e.kind() == AwsException.Kind.CREDENTIALS
                    ? "; expected valid credentials, see aws sts get-caller-identity"
                    : ""),
            e);
      }
      List<String> where = regions(account);
      ScanRequest request =
          new ScanRequest(
              account.id(),
              account.partition(),
              where,
              regions.isEmpty() || includeGlobal,
              asked,
              filter,
              !excludeDefaults,
              details);
      Instant started = Instant.now();
      try (ScanWriter writer =
          store.begin(
              account.id(),
              account.alias().isEmpty() ? access.profile() : account.alias(),
              started,
              where,
              asked.stream().map(CatalogService::label).toList(),
              tags)) {
        return run(session, account, request, writer, started);
      }
    }
  }

  private int run(
      Session session, Account account, ScanRequest request, ScanWriter writer, Instant started)
      throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    boolean bar = !quiet && Console.isTerminal();
    try (ScanProgress progress = bar ? new ScanProgress(account.id()) : ScanProgress.none()) {
      Scanner scanner = session.scanner(account, progress);
      CountDownLatch done = new CountDownLatch(1);
      Thread stop =
          new Thread(
              () -> {
                scanner.stop();
                try {
                  done.await(); // what was seen is written out first
                } catch (InterruptedException _) {
                  Thread.currentThread().interrupt();
                }
              });
      Runtime.getRuntime().addShutdownHook(stop);
      Scanner.Result result;
      try {
        result = scanner.scan(request, writer);
      } finally {
        done.countDown();
        try {
          Runtime.getRuntime().removeShutdownHook(stop);
        } catch (IllegalStateException _) {
          // it is that hook that runs
        }
      }
      progress.end();
      Duration took = Duration.between(started, Instant.now());
      long requests = result.ledger().stream().mapToLong(LedgerEntry::pages).sum();
      if (!quiet) {
        out.printf(
            "scan %d of account %s%s: %,d resources, %d services, %d regions, %,d answers, %.1f s%n",
            writer.id(),
            account.id(),
            account.alias().isEmpty() ? "" : " (" + Printable.of(account.alias()) + ")",
            result.resources(),
            request.services().size(),
            request.regions().size(),
            requests,
            took.toMillis() / 1000.0);
      }
      if (timings) {
        timings(result.ledger(), session.handshakes(), out);
      }
      refusals(result, err);
      out.flush();
      return result.status() == Scan.Status.COMPLETE ? ExitCode.DONE : ExitCode.PARTIAL;
    }
  }

  private static void timings(List<LedgerEntry> ledger, long handshakes, PrintWriter out) {
    Map<String, Duration> byService = new TreeMap<>();
    for (LedgerEntry entry : ledger) {
      byService.merge(entry.service(), entry.time(), Duration::plus);
    }
    out.printf("new TLS connections: %,d%n", handshakes);
    out.println("seconds in calls, by service, waiting included:");
    byService.entrySet().stream()
        .sorted(Map.Entry.<String, Duration>comparingByValue().reversed())
        .forEach(
            entry ->
                out.printf("%10.2f  %s%n", entry.getValue().toMillis() / 1000.0, entry.getKey()));
  }

  /** What was refused, by service and reason. */
  private static void refusals(Scanner.Result result, PrintWriter err) {
    record Reason(String service, LedgerEntry.Outcome outcome, String code) {}
    Map<Reason, List<LedgerEntry>> reasons = new HashMap<>();
    for (LedgerEntry entry : result.ledger()) {
      if (entry.outcome().hides()) {
        reasons
            .computeIfAbsent(
                new Reason(entry.service(), entry.outcome(), entry.code()), _ -> new ArrayList<>())
            .add(entry);
      }
    }
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
                  reason.outcome().name().toLowerCase(java.util.Locale.ROOT),
                  reason.code().isEmpty() ? "" : " (" + Printable.of(reason.code()) + ")",
                  operations,
                  regions,
                  regions == 1 ? "" : "s",
                  Printable.cut(Printable.of(entries.getFirst().message()), 120));
            });
    err.flush();
  }

  private List<String> regions(Account account) {
    if (regions.isEmpty()) {
      return account.regions();
    }
    for (String region : regions) {
      if (!account.regions().contains(region)) {
        throw new ParameterException(
            spec.commandLine(),
            "-r "
                + Printable.of(region)
                + ": not enabled in account "
                + account.id()
                + "; expected one of "
                + String.join(", ", account.regions()));
      }
    }
    return regions.stream().distinct().toList();
  }

  private List<CatalogService> services(Catalog catalog) {
    if (services.isEmpty()) {
      return catalog.services();
    }
    List<CatalogService> asked = new ArrayList<>();
    for (String label : new HashSet<>(services)) {
      asked.add(
          catalog
              .service(label)
              .orElseThrow(
                  () ->
                      new ParameterException(
                          spec.commandLine(),
                          "-s "
                              + Printable.of(label)
                              + ": no such service"
                              + Nearest.to(
                                      label,
                                      catalog.services().stream()
                                          .map(CatalogService::label)
                                          .toList())
                                  .map(near -> "; did you mean " + near + "?")
                                  .orElse("; freeway services lists them"))));
    }
    return asked;
  }

  private Map<String, Set<String>> filter() {
    Map<String, Set<String>> filter = new TreeMap<>();
    for (String tag : tags) {
      int equals = tag.indexOf('=');
      if (equals < 1) {
        throw new ParameterException(
            spec.commandLine(), "-t " + Printable.of(tag) + ": expected KEY=VALUE");
      }
      filter
          .computeIfAbsent(tag.substring(0, equals), _ -> new HashSet<>())
          .add(tag.substring(equals + 1));
    }
    return filter;
  }
}
