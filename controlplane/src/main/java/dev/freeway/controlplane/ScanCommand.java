package dev.freeway.controlplane;

import dev.freeway.controlplane.AccountScans.Outcome.NotReached;
import dev.freeway.controlplane.accounts.AssumedRole;
import dev.freeway.controlplane.catalog.Catalog;
import dev.freeway.controlplane.catalog.CatalogService;
import dev.freeway.controlplane.collect.Access;
import dev.freeway.controlplane.collect.ScanRequest;
import dev.freeway.controlplane.collect.Session;
import dev.freeway.controlplane.output.Printable;
import dev.freeway.controlplane.store.Store;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
    description = ScanCommand.DESCRIPTION,
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {
      "0:everything that was asked for was seen",
      "1:nothing was scanned",
      "3:something was refused, throttled out or failed; it is listed",
      "64:the command line is wrong"
    })
final class ScanCommand implements Callable<Integer> {
  static final String DESCRIPTION = "Sees everything in an account, or in many, and keeps it.";

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private AwsOptions aws = new AwsOptions();
  @Mixin private TargetOptions accounts = new TargetOptions();
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
      defaultValue = "64",
      description = "how many requests wait for an answer at the same time. Default: 64")
  private int workers;

  @Option(
      names = "--details",
      paramLabel = "N",
      defaultValue = "1000",
      converter = Details.class,
      description =
          "ask up to so many resources of a type and region one by one for what no list has, and of"
              + " more none; all: of any number, and also for what no query of ours needs, such as"
              + " policies of keys. Default: 1000")
  private int details;

  @Option(
      names = "--timings",
      description = "print which services took how long, and how many connections were new")
  private boolean timings;

  @Option(
      names = {"-q", "--quiet"},
      description = "print only what went wrong")
  private boolean quiet;

  @Option(
      names = "--resume",
      description =
          "go on with the newest scan of each account where it is not whole: ask only what it did"
              + " not see, as it was asked for")
  private boolean resume;

  /** A number, or all. */
  private static final class Details implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (text.equals("all")) {
        return ScanRequest.ALL;
      }
      if (!text.matches("\\d{1,9}")) {
        throw new TypeConversionException("'" + text + "': expected a number, or all");
      }
      return Integer.parseInt(text);
    }
  }

  @Override
  public Integer call() throws Exception {
    Catalog catalog = Catalog.builtIn();
    ScanWish wish =
        new ScanWish(
            services(catalog),
            regions.stream().distinct().toList(),
            includeGlobal || regions.isEmpty(),
            tags(),
            excludeDefaults,
            details);
    if (workers < 1 || workers > 1024) {
      throw new ParameterException(spec.commandLine(), "-w " + workers + ": expected 1 to 1024");
    }
    List<Access> access = aws.access();
    accounts.check(access.size());
    refuseWithResume();
    ScanReport report =
        new ScanReport(spec.commandLine().getOut(), spec.commandLine().getErr(), quiet, timings);
    try (Session first = Session.open(access.getFirst(), workers, System.getenv())) {
      Targets found = Targets.find(first, access, accounts);
      if (accounts.dryRun()) {
        report.plan(found, AssumedRole.sessions(wish.operations()), wish.operations().size());
        return ExitCode.DONE;
      }
      report.left(found);
      int ended = scan(found, catalog, wish, stores.open(), report);
      report.connections(first.handshakes());
      return ended;
    }
  }

  /** A scan that is resumed asks what it was asked for. */
  private void refuseWithResume() {
    for (String option : List.of("-r", "-s", "-t", "--exclude-defaults", "--include-global")) {
      if (resume && spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw new ParameterException(
            spec.commandLine(),
            option + ": expected without --resume, which goes on with what that scan asked");
      }
    }
  }

  private int scan(Targets found, Catalog catalog, ScanWish wish, Store store, ScanReport report)
      throws InterruptedException {
    List<Target> targets = found.targets();
    boolean bar = !quiet && Console.isTerminal();
    try (ScanProgress progress =
        bar
            ? new ScanProgress(
                targets.size() == 1 ? targets.getFirst().label() : targets.size() + " accounts")
            : ScanProgress.none()) {
      AccountScans scans =
          new AccountScans(store, wish, catalog, accounts.request(), progress, report, resume);
      CountDownLatch done = new CountDownLatch(1);
      Thread stop =
          new Thread(
              () -> {
                scans.stop();
                try {
                  done.await(); // what was seen is written out first
                } catch (InterruptedException _) {
                  Thread.currentThread().interrupt();
                }
              });
      Runtime.getRuntime().addShutdownHook(stop);
      List<AccountScans.Outcome> outcomes;
      try {
        outcomes = scans.run(targets, accounts.atOnce());
      } finally {
        done.countDown();
        try {
          Runtime.getRuntime().removeShutdownHook(stop);
        } catch (IllegalStateException _) {
          // it is that hook that runs
        }
      }
      progress.end();
      return ended(targets, outcomes);
    }
  }

  private int ended(List<Target> targets, List<AccountScans.Outcome> outcomes) {
    if (targets.size() == 1 && outcomes.getFirst() instanceof NotReached not) {
      Target target = targets.getFirst();
      String label = target.id().isEmpty() && target.name().isEmpty() ? "" : target.label() + ": ";
      if (not.wrong()) {
        throw new ParameterException(spec.commandLine(), not.why());
      }
      throw new CommandException(label + not.why());
    }
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    int whole = 0;
    int inPart = 0;
    int before = 0;
    int failed = 0;
    for (int i = 0; i < targets.size(); i++) {
      switch (outcomes.get(i)) {
        case AccountScans.Outcome.Scanned scanned -> {
          whole += scanned.whole() ? 1 : 0;
          inPart += scanned.whole() ? 0 : 1;
        }
        case AccountScans.Outcome.Before _ -> before++;
        case NotReached not -> {
          err.println("not scanned: " + targets.get(i).label() + ": " + Printable.of(not.why()));
          failed++;
        }
      }
    }
    if (!quiet && (targets.size() > 1 || before > 0)) {
      out.printf(
          "%d account%s: %d whole, %d in part, %d not reached%s%n",
          targets.size(),
          targets.size() == 1 ? "" : "s",
          whole,
          inPart,
          failed,
          before == 0 ? "" : ", " + before + " whole before, nothing to resume");
    }
    out.flush();
    err.flush();
    if (failed == targets.size()) {
      return ExitCode.FAILED;
    }
    return inPart + failed == 0 ? ExitCode.DONE : ExitCode.PARTIAL;
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

  private List<String> tags() {
    for (String tag : tags) {
      if (tag.indexOf('=') < 1) {
        throw new ParameterException(
            spec.commandLine(), "-t " + Printable.of(tag) + ": expected KEY=VALUE");
      }
    }
    return tags;
  }
}
