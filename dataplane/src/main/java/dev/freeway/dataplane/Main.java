package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.HostChange;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.Routers;
import dev.freeway.dataplane.core.ServiceDestination;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.doctor.Doctor;
import dev.freeway.dataplane.doctor.Machine;
import dev.freeway.dataplane.doctor.MachineReader;
import dev.freeway.dataplane.doctor.Needs;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.ipvs.ObservedService;
import dev.freeway.dataplane.kube.ManifestReader;
import dev.freeway.dataplane.kube.ServiceTranslator;
import dev.freeway.dataplane.kube.Translation;
import dev.freeway.dataplane.kube.api.ApiException;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.link.LinkHost;
import dev.freeway.dataplane.link.Modules;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.netlink.NetlinkException;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import dev.freeway.dataplane.relay.RelayHost;
import dev.freeway.dataplane.relay.RelayTable;
import dev.freeway.dataplane.sync.Absence;
import dev.freeway.dataplane.sync.Announced;
import dev.freeway.dataplane.sync.BootClock;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.LastDesired;
import dev.freeway.dataplane.sync.Namespaces;
import dev.freeway.dataplane.sync.Outcome;
import dev.freeway.dataplane.sync.Plan;
import dev.freeway.dataplane.sync.ProgramError;
import dev.freeway.dataplane.sync.Reconciler;
import dev.freeway.dataplane.sync.Settings;
import dev.freeway.dataplane.sync.StateDirectory;
import dev.freeway.dataplane.sync.StateException;
import dev.freeway.dataplane.sync.TableLock;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.stream.Stream;

/** {@code ipvs-router}: reads the command line, wires the parts, ends with an exit code. */
public final class Main {
  private static final String VERSION = "ipvs-router 0.1.0";

  /** What the input needs is tried by the writer, which says what it cannot have. */
  private static final Desired NOTHING = new Desired(Collections.emptySortedMap());

  /** Between tries to follow the input again. */
  private static final Duration RESUME = Duration.ofSeconds(1);

  private final Console console;
  private final Supplier<NetlinkSocket> genericNetlink;
  private final Supplier<Namespace> namespace;
  private final Hosts hosts;
  private final Predicate<String> loadModule;
  private final Path root;

  /** How the machine around the table is opened. */
  interface Hosts {
    Host open(StateDirectory state, Namespace namespace, boolean sysctls);
  }

  /** A command line on a model of a kernel, on a machine that nothing is changed on. */
  Main(Console console, Supplier<NetlinkSocket> genericNetlink, Supplier<Namespace> namespace) {
    this(
        console,
        genericNetlink,
        namespace,
        (state, where, sysctls) -> Host.NONE,
        name -> false,
        Path.of("/"));
  }

  /**
   * A command line on one kernel, or on a model of one.
   *
   * @param genericNetlink opens a socket in the network namespace worked on
   * @param namespace which one that is
   * @param hosts opens the machine around the table
   * @param loadModule loads a kernel module; answers whether it is there now
   * @param root of the file system that {@code doctor} looks at
   */
  Main(
      Console console,
      Supplier<NetlinkSocket> genericNetlink,
      Supplier<Namespace> namespace,
      Hosts hosts,
      Predicate<String> loadModule,
      Path root) {
    this.console = console;
    this.genericNetlink = genericNetlink;
    this.namespace = namespace;
    this.hosts = hosts;
    this.loadModule = loadModule;
    this.root = root;
  }

  public static void main(String[] args) {
    Console console =
        new Console(
            new FileInputStream(FileDescriptor.in),
            stream(FileDescriptor.out),
            stream(FileDescriptor.err),
            InstantSource.system());
    System.exit(onThisMachine(console).execute(args));
  }

  /** A command line on the kernel and in the network namespace of the calling thread. */
  static Main onThisMachine(Console console) {
    return new Main(
        console,
        () -> LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC),
        Namespaces::current,
        LinkHost::open,
        name -> Modules.ofThisKernel().load(name),
        Path.of("/"));
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
  }

  /** Runs one command line and returns its exit code. */
  int execute(String... args) {
    boolean json = Arguments.wantsJson(args);
    boolean wide = false;
    Report report;
    try {
      switch (Arguments.parse(VERSION, args)) {
        case Arguments.Request.Tell tell -> {
          if (json) {
            JsonOutput.document(console.out(), out -> out.writeStringProperty("text", tell.text()));
          } else {
            console.out().print(tell.text());
            console.out().flush();
          }
          return ExitCode.DONE.number();
        }
        case Arguments.Request.Run run -> {
          json = run.config().output() == OutputFormat.JSON;
          wide = run.config().output() == OutputFormat.WIDE;
          console.configure(
              run.config().logLevel(), run.verb().stays() ? run.config().logJson() : json);
          report = run(run.verb(), run.config());
        }
      }
    } catch (UsageException e) {
      report = failure(ExitCode.USAGE, e, args);
    } catch (Router.StartException e) {
      report =
          new FailureReport(Arguments.verbOf(args).orElse(Verb.RUN), ExitCode.FAILED, e.errors());
    } catch (RuntimeException | VirtualMachineError | LinkageError e) {
      report = failure(ExitCode.FAILED, e, args);
    }
    if (json) {
      JsonOutput.document(console.out(), report::json);
    } else {
      report.text(console.out(), console.err(), wide);
    }
    console.out().flush();
    console.err().flush();
    return report.exitCode().number();
  }

  private Report failure(ExitCode exitCode, Throwable failure, String... args) {
    console.trace(failure);
    List<InputError> errors = List.of(Failures.of(failure));
    return Arguments.verbOf(args)
        .<Report>map(verb -> new FailureReport(verb, exitCode, errors))
        .orElseGet(() -> new NoCommandReport(exitCode, errors));
  }

  private Report run(Verb verb, RouterConfig config) {
    return switch (verb) {
      case PLAN -> plan(config);
      case APPLY -> apply(config);
      case RUN -> follow(config);
      case PREPARE -> prepare(config);
      case SHOW -> show(config);
      case TOP -> new Top(console, Terminal::ofThisProcess).run(config);
      case RESTORE -> restore(config);
      case DOCTOR -> doctor(config);
      case BACKEND_PREPARE -> BackendCommands.prepare(config.backend());
      case BACKEND_RUN -> agent(config);
      case BACKEND_DOCTOR -> BackendCommands.doctor(config);
    };
  }

  /** Follows the manifests until the process is told to end, or the thread is interrupted. */
  private Report follow(RouterConfig config) {
    try {
      if (config.relay()) {
        return relay(config);
      }
      try (Router router = router(config)) {
        router.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return new FailureReport(Verb.RUN, ExitCode.DONE, List.of());
  }

  private Router router(RouterConfig config) {
    return Router.start(
        console,
        config,
        this::openTable,
        () -> host(config),
        MachineReader.kernel(root),
        namespace.get(),
        true,
        () -> Doctor.examine(besideWriter(config), Needs.of(NOTHING)));
  }

  /** The machine as the doctor sees it in the process of the writer. */
  private Machine besideWriter(RouterConfig config) {
    return new MachineReader(root, genericNetlink)
        .readBesideWriter(
            StateDirectory.open(config.stateDirectory()),
            namespace.get(),
            new Ownership(Set.of(), config.pool(), false),
            config.manifests());
  }

  /** What a process relays ends with it, and what it recorded is there for the one after it. */
  private Report relay(RouterConfig config) throws InterruptedException {
    RelayTable table = RelayTable.open(System::nanoTime, text -> console.log(Level.WARNING, text));
    Path offer = config.stateDirectory().resolve("relay.sock");
    if (config.takeOver()) {
      List<InputError> errors = faults(config);
      if (!errors.isEmpty()) { // the other one serves on
        return new FailureReport(Verb.RUN, ExitCode.FAILED, errors);
      }
      try {
        table.takeOver(offer);
      } catch (IOException e) {
        return new FailureReport(
            Verb.RUN,
            ExitCode.FAILED,
            List.of(
                new InputError(
                    "",
                    "",
                    Setting.TAKE_OVER.option(),
                    String.valueOf(e.getMessage()),
                    "a run --dataplane relay with this --state-dir, or no --take-over")));
      }
    }
    relay(config, table, offer);
    while (resumes(table)) {
      console.log(Level.WARNING, "the process that was to take over is gone: this one goes on");
      resume(config, table, offer);
    }
    endingBySignal(() -> table.finish(config.drainLimit()));
    return new FailureReport(Verb.RUN, ExitCode.DONE, List.of());
  }

  private static boolean resumes(RelayTable table) throws InterruptedException {
    AtomicBoolean resumes = new AtomicBoolean();
    endingBySignal(() -> resumes.set(table.resumes()));
    return resumes.get();
  }

  /** What is done without a router. */
  private interface Waiting {
    void run() throws InterruptedException;
  }

  /** A signal ends the process meanwhile as it does where a router runs, with exit code 0. */
  private static void endingBySignal(Waiting waiting) throws InterruptedException {
    Thread hook = new Thread(() -> Runtime.getRuntime().halt(ExitCode.DONE.number()), "end");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException _) {
      // the signal has come, and the router's own hook runs
    }
    try {
      waiting.run();
    } finally {
      Router.withdraw(hook);
    }
  }

  /** Follows the input until another process takes over. */
  private void relay(RouterConfig config, RelayTable table, Path offer)
      throws InterruptedException {
    try (Router router =
        Router.start(
            console,
            config,
            () -> table,
            () -> new RelayHost(table),
            MachineReader.kernel(root),
            new Namespace("relay:[0]", namespace.get().bootId()),
            true,
            () -> Doctor.examineRelay(besideWriter(config), Needs.of(NOTHING)))) {
      try {
        table.offer(offer, () -> handOver(router, config.drainLimit()));
      } catch (IOException e) {
        console.log(
            Level.WARNING,
            "no other process can take over from this one",
            "reason",
            String.valueOf(e.getMessage()));
      }
      router.await();
    }
  }

  /**
   * The same once more. The table serves meanwhile, and goes on where that cannot be: the lock may
   * be another one's for a moment, or the address to listen on.
   */
  private void resume(RouterConfig config, RelayTable table, Path offer)
      throws InterruptedException {
    String said = "";
    while (true) {
      try {
        relay(config, table, offer);
        return;
      } catch (RuntimeException e) {
        String reason =
            (e instanceof Router.StartException start ? start.errors() : Failures.of(e)).toString();
        if (!reason.equals(said)) {
          console.log(
              Level.SEVERE,
              "serving what was desired last, for it cannot be followed; trying again",
              "reason",
              reason);
          said = reason;
        }
        Thread.sleep(RESUME);
      }
    }
  }

  private void handOver(Router router, Duration limit) {
    console.log(
        Level.INFO,
        "another process takes over; until it serves this one does, and what was begun goes on",
        "atMostSeconds",
        limit.toSeconds());
    router.close();
  }

  /**
   * What keeps the manifests from being served, as far as they can be read twice. What cannot be
   * used of them stands for what it was, and only the process before knows what that is.
   */
  private List<InputError> faults(RouterConfig config) {
    if (config.manifests().isEmpty() || config.manifests().contains("-")) {
      return List.of();
    }
    Translation translation =
        ServiceTranslator.translate(
            ManifestReader.read(config.manifests(), console.in()), Map.of());
    boolean whole = translation.complete() && translation.refused().isEmpty();
    return useless(translation) || !whole ? translation.errors() : List.of();
  }

  /** Prepares this node's Pods until the process is told to end. */
  private Report agent(RouterConfig config) {
    try (BackendAgent agent = BackendAgent.start(console, config)) {
      agent.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ApiException e) {
      throw new Router.StartException(
          List.of(
              new InputError(
                  "",
                  "",
                  Setting.KUBECONFIG.option(),
                  String.valueOf(e.getMessage()),
                  "an API server: a kubeconfig, or the service account of a Pod")));
    }
    return new FailureReport(Verb.BACKEND_RUN, ExitCode.DONE, List.of());
  }

  private Translation translate(RouterConfig config) {
    Translation translation =
        BeyondKernel.check(
            ServiceTranslator.translate(
                ManifestReader.read(config.manifests(), console.in()),
                StateDirectory.open(config.stateDirectory()).ownership(namespace.get()).holders()),
            MachineReader.kernel(root));
    translation.notes().forEach(note -> console.log(Level.INFO, note));
    return translation;
  }

  private static Absence absence(Translation translation) {
    return !translation.complete()
        ? Absence.ALL_STAYS
        : new Absence(!translation.refused().isEmpty(), translation.sliceless()::contains);
  }

  private static boolean useless(Translation translation) {
    return translation.desired().services().isEmpty() && !translation.errors().isEmpty();
  }

  private Report plan(RouterConfig config) {
    Translation translation = translate(config);
    if (useless(translation)) {
      return new FailureReport(Verb.PLAN, ExitCode.FAILED, translation.errors());
    }
    try (IpvsTable ipvs = loadedTable();
        Host host = host(config)) {
      Plan plan = reconciler(ipvs, config, host).plan(translation.desired(), absence(translation));
      plan.findings().forEach(finding -> console.log(Level.WARNING, finding));
      plan.host().notes().forEach(note -> console.log(Level.WARNING, note));
      List<InputError> errors = new ArrayList<>(translation.errors());
      errors.addAll(Failures.of(plan.errors(), plan.refused()));
      errors.addAll(Failures.of(plan.host().errors(), List.of()));
      List<PlannedChange> changes =
          Stream.concat(
                  plan.changes().stream().map(PlannedChange::of),
                  plan.host().changes().stream().map(PlannedChange::of))
              .toList();
      ExitCode exitCode =
          !errors.isEmpty()
              ? ExitCode.PARTIAL
              : changes.isEmpty() ? ExitCode.DONE : ExitCode.PENDING;
      String closing = changes.isEmpty() ? "nothing to change" : changes.size() + " changes";
      return new PlanReport(
          exitCode, changes, leftOut(config, plan.out()), errors, closing + kept(translation));
    }
  }

  private static String kept(Translation translation) {
    if (!translation.complete()) {
      return "; part of the input is unusable, so nothing is deleted";
    }
    return translation.refused().isEmpty()
        ? ""
        : "; part of the input is refused, so no service is deleted";
  }

  private Report apply(RouterConfig config) {
    long start = System.nanoTime();
    Translation translation = translate(config);
    if (useless(translation)) {
      return new FailureReport(Verb.APPLY, ExitCode.FAILED, translation.errors());
    }
    try (TableLock _ = lock(config, "apply")) {
      boolean loaded = loadIpvs();
      return apply(config, translation, loaded, start);
    }
  }

  private Report apply(RouterConfig config, Translation translation, boolean loaded, long start) {
    try (Ipvs ipvs = Ipvs.open(genericNetlink.get());
        Host host = host(config)) {
      Outcome outcome =
          reconciler(ipvs, config, host).apply(translation.desired(), absence(translation));
      outcome.findings().forEach(finding -> console.log(Level.WARNING, finding));
      outcome.host().notes().forEach(note -> console.log(Level.WARNING, note));
      List<InputError> errors = new ArrayList<>(translation.errors());
      errors.addAll(Failures.of(outcome.errors(), outcome.refused()));
      errors.addAll(Failures.of(outcome.host().errors(), List.of()));
      int changes = outcome.changes().size() + outcome.host().changes().size() + (loaded ? 1 : 0);
      boolean nothing =
          changes == 0
              && !outcome.interrupted()
              && (!outcome.errors().isEmpty()
                  || outcome.refused().size() == translation.desired().services().size());
      return new ApplyReport(
          errors.isEmpty() ? ExitCode.DONE : nothing ? ExitCode.FAILED : ExitCode.PARTIAL,
          changes,
          outcome.kernelNanos(),
          System.nanoTime() - start,
          outcome.draining(),
          leftOut(config, outcome.out()),
          errors);
    }
  }

  private List<LeftOut> leftOut(RouterConfig config, SortedMap<ServiceDestination, Duration> out) {
    return LeftOut.of(out, console.now(), config.stateDirectory());
  }

  /** There is one writer: what {@code run} follows, no other command changes behind it. */
  private TableLock lock(RouterConfig config, String command) {
    return TableLock.take(
        StateDirectory.open(config.stateDirectory()),
        namespace.get(),
        "ipvs-router " + command + ", process " + ProcessHandle.current().pid());
  }

  private Report show(RouterConfig config) {
    StateDirectory state = StateDirectory.open(config.stateDirectory());
    try (Ipvs ipvs = Ipvs.open(genericNetlink.get());
        Host host = host(config)) {
      Ownership ownership =
          new Ownership(state.ownership(namespace.get()).services(), config.pool(), false);
      List<ObservedService> table = ipvs.dump();
      return new ShowReport(
          table,
          service -> service.value().map(VirtualService::key).map(ownership::ours).orElse(false),
          announced(state, host, table));
    }
  }

  /** What the kernel answers for is read from it; who else does, from what was last known. */
  private SortedMap<IpAddress, Announced.Answerer> announced(
      StateDirectory state, Host host, List<ObservedService> table) {
    SortedMap<IpAddress, String> answered = host.answered();
    Routers routers =
        new Routers(
            "",
            new LastDesired(state, namespace.get())
                .load()
                .saved()
                .map(LastDesired.Saved::routers)
                .orElse(Collections.emptySortedMap()),
            false);
    SortedMap<IpAddress, Announced.Answerer> announced = new TreeMap<>();
    for (ObservedService service : table) {
      service
          .value()
          .map(value -> value.key().address())
          .ifPresent(
              address -> {
                String router = routers.elected(address).orElse("");
                if (answered.containsKey(address) || !router.isEmpty()) {
                  announced.put(
                      address,
                      new Announced.Answerer(
                          answered.getOrDefault(address, ""),
                          answered.containsKey(address),
                          router));
                }
              });
    }
    return announced;
  }

  /** As for a service of each kind, in each family of the pool; none of them is made. */
  private Report prepare(RouterConfig config) {
    try (TableLock _ = lock(config, "prepare");
        Ipvs ipvs = openTable();
        Host host = host(config)) {
      Ownership ownership =
          new Ownership(
              StateDirectory.open(config.stateDirectory()).ownership(namespace.get()).services(),
              config.pool(),
              false);
      boolean foreign =
          ipvs.dump().stream()
              .anyMatch(seen -> !seen.value().map(one -> ownership.ours(one.key())).orElse(false));
      Host.Report done = host.ready(Preparation.needs(config.pool(), foreign, config.announcing()));
      done.notes().forEach(note -> console.log(Level.INFO, note));
      List<InputError> errors = Failures.of(done.errors(), List.of());
      List<PlannedChange> changes = done.changes().stream().map(PlannedChange::of).toList();
      ExitCode exitCode =
          errors.isEmpty() ? ExitCode.DONE : changes.isEmpty() ? ExitCode.FAILED : ExitCode.PARTIAL;
      return new ChangesReport(
          exitCode,
          changes,
          errors,
          changes.isEmpty() ? "nothing to prepare" : changes.size() + " changes");
    }
  }

  private Report restore(RouterConfig config) {
    try (TableLock _ = lock(config, "restore");
        Host host = host(config)) {
      Host.Report done = host.restore();
      done.notes().forEach(note -> console.log(Level.INFO, note));
      List<InputError> errors = Failures.of(done.errors(), List.of());
      List<PlannedChange> changes = done.changes().stream().map(PlannedChange::of).toList();
      ExitCode exitCode =
          errors.isEmpty() ? ExitCode.DONE : changes.isEmpty() ? ExitCode.FAILED : ExitCode.PARTIAL;
      String closing =
          changes.isEmpty() ? "nothing to restore" : "restored " + changes.size() + " changes";
      return new ChangesReport(exitCode, changes, errors, closing);
    }
  }

  private Host host(RouterConfig config) {
    return hosts.open(
        StateDirectory.open(config.stateDirectory()), namespace.get(), config.sysctls());
  }

  /** Loads {@code ip_vs} when the kernel has no IPVS; answers whether that was done. */
  private boolean loadIpvs() {
    try (Ipvs _ = Ipvs.open(genericNetlink.get())) {
      return false;
    } catch (NetlinkException e) {
      return e.errno() == Errno.ENOENT && loadModule.test("ip_vs");
    }
  }

  /** The table; {@code ip_vs} is loaded for it where it is missing. */
  private Ipvs openTable() {
    loadIpvs();
    return Ipvs.open(genericNetlink);
  }

  /** The table; an empty one as long as {@code ip_vs} is not loaded, for a plan loads nothing. */
  private IpvsTable loadedTable() {
    try {
      return Ipvs.open(genericNetlink.get());
    } catch (NetlinkException e) {
      if (e.errno() == Errno.ENOENT) {
        return IpvsTable.EMPTY;
      }
      throw e;
    }
  }

  private Report doctor(RouterConfig config) {
    StateDirectory state = StateDirectory.open(config.stateDirectory());
    Namespace here = namespace.get();
    StateDirectory.Recorded recorded = MachineReader.recorded(state, here);
    Desired desired = new Desired(new TreeMap<>());
    List<InputError> errors = List.of();
    if (!config.manifests().isEmpty()) {
      Translation translation =
          ServiceTranslator.translate(
              ManifestReader.read(config.manifests(), console.in()), recorded.holders());
      desired = translation.desired();
      errors = translation.errors();
    }
    Ownership pool = new Ownership(Set.of(), config.pool(), false);
    Differences host = differences(desired, config);
    Machine machine =
        new MachineReader(root, genericNetlink)
            .read(state, here, recorded, pool, config.manifests(), host.pending, host.unmet);
    return new DoctorReport(Doctor.examine(machine, Needs.of(desired)), errors);
  }

  /** What differs from what services in the table need, and what those asked for cannot have. */
  private record Differences(List<Machine.PendingChange> pending, List<Machine.Unmet> unmet) {}

  private Differences differences(Desired asked, RouterConfig config) {
    List<Machine.PendingChange> pending = new ArrayList<>();
    List<Machine.Unmet> unmet = new ArrayList<>();
    try (IpvsTable ipvs = loadedTable();
        Host host = host(config)) {
      // Without the option doctor does not advise to undo what a router was started with.
      boolean asIs = !config.announceLayer2() && host.layer2();
      Reconciler reconciler =
          reconciler(
              ipvs,
              config,
              asIs ? config.settings().with(new Announcing.Unknown()) : config.settings(),
              host);
      Desired nothing = new Desired(new TreeMap<>());
      for (HostChange change : reconciler.plan(nothing, Absence.SERVICES_STAY).host().changes()) {
        pending.add(new Machine.PendingChange(change.what(), change.reason(), change.command()));
      }
      Host.Report report = reconciler.plan(asked, Absence.SERVICES_STAY).host();
      report.sourceNat().ifPresent(error -> unmet.add(unmet(error, true)));
      report.sourceRanges().ifPresent(error -> unmet.add(unmet(error, false)));
      report.errors().stream()
          .filter(error -> !report.sourceNat().equals(Optional.of(error)))
          .filter(error -> !report.sourceRanges().equals(Optional.of(error)))
          .forEach(error -> unmet.add(unmet(error, false)));
    } catch (NetlinkException | StateException _) {
      // the other checks say why
    }
    return new Differences(pending, unmet);
  }

  private static Machine.Unmet unmet(ProgramError error, boolean sourceNat) {
    return new Machine.Unmet(
        error.what(),
        error.kernelMessage(),
        sourceNat,
        error.command().isEmpty() ? error.expected() : error.command());
  }

  private Reconciler reconciler(IpvsTable ipvs, RouterConfig config, Host host) {
    return reconciler(ipvs, config, config.settings(), host);
  }

  private Reconciler reconciler(IpvsTable ipvs, RouterConfig config, Settings settings, Host host) {
    return new Reconciler(
        ipvs,
        StateDirectory.open(config.stateDirectory()),
        namespace.get(),
        settings,
        System::nanoTime,
        BootClock.SYSTEM,
        host);
  }
}
