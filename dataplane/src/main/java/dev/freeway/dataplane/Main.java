package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.core.Ownership;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.doctor.Doctor;
import dev.freeway.dataplane.doctor.Machine;
import dev.freeway.dataplane.doctor.MachineReader;
import dev.freeway.dataplane.doctor.Needs;
import dev.freeway.dataplane.ipvs.Ipvs;
import dev.freeway.dataplane.kube.ManifestReader;
import dev.freeway.dataplane.kube.ServiceTranslator;
import dev.freeway.dataplane.kube.Translation;
import dev.freeway.dataplane.libc.LibcNetlinkSocket;
import dev.freeway.dataplane.netlink.Netlink;
import dev.freeway.dataplane.netlink.NetlinkSocket;
import dev.freeway.dataplane.sync.Namespaces;
import dev.freeway.dataplane.sync.Outcome;
import dev.freeway.dataplane.sync.Plan;
import dev.freeway.dataplane.sync.Reconciler;
import dev.freeway.dataplane.sync.StateDirectory;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.logging.Level;

/** {@code ipvs-router}: reads the command line, wires the parts, ends with an exit code. */
public final class Main {
  private static final String VERSION = "ipvs-router 0.1.0";

  private final Console console;
  private final Supplier<NetlinkSocket> genericNetlink;
  private final Supplier<Namespace> namespace;
  private final Path root;

  /**
   * A command line on one kernel, or on a model of one.
   *
   * @param genericNetlink opens a socket in the network namespace worked on
   * @param namespace which one that is
   */
  Main(Console console, Supplier<NetlinkSocket> genericNetlink, Supplier<Namespace> namespace) {
    this(console, genericNetlink, namespace, Path.of("/"));
  }

  /**
   * The same on another machine.
   *
   * @param root of the file system that {@code doctor} looks at
   */
  Main(
      Console console,
      Supplier<NetlinkSocket> genericNetlink,
      Supplier<Namespace> namespace,
      Path root) {
    this.console = console;
    this.genericNetlink = genericNetlink;
    this.namespace = namespace;
    this.root = root;
  }

  public static void main(String[] args) {
    Console console =
        new Console(
            new FileInputStream(FileDescriptor.in),
            stream(FileDescriptor.out),
            stream(FileDescriptor.err),
            InstantSource.system());
    Main main =
        new Main(
            console, () -> LibcNetlinkSocket.open(Netlink.NETLINK_GENERIC), Namespaces::current);
    System.exit(main.execute(args));
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
          console.configure(run.config().logLevel(), json);
          report = run(run.verb(), run.config());
        }
      }
    } catch (UsageException e) {
      report = failure(ExitCode.USAGE, e, args);
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
      case SHOW -> show(config);
      case DOCTOR -> doctor(config);
    };
  }

  private Translation translate(RouterConfig config) {
    Translation translation =
        OldKernel.check(
            ServiceTranslator.translate(
                ManifestReader.read(config.manifests(), console.in()),
                StateDirectory.open(config.stateDirectory()).ownership(namespace.get()).holders()),
            MachineReader.kernel(root));
    translation.notes().forEach(note -> console.log(Level.INFO, note));
    if (translation.desired().services().values().stream().anyMatch(DesiredService::sourceNat)) {
      console.log(
          Level.WARNING,
          "source NAT is not set up by this version: replies of nat services come back only where"
              + " the backends route to clients through this machine");
    }
    return translation;
  }

  /** Whether what is ours and not named may be deleted. */
  private static boolean whole(Translation translation) {
    return translation.complete() && translation.refused().isEmpty();
  }

  private static boolean useless(Translation translation) {
    return translation.desired().services().isEmpty() && !translation.errors().isEmpty();
  }

  private Report plan(RouterConfig config) {
    Translation translation = translate(config);
    if (useless(translation)) {
      return new FailureReport(Verb.PLAN, ExitCode.FAILED, translation.errors());
    }
    try (Ipvs ipvs = Ipvs.open(genericNetlink.get())) {
      Plan plan = reconciler(ipvs, config).plan(translation.desired(), whole(translation));
      plan.findings().forEach(finding -> console.log(Level.WARNING, finding));
      List<InputError> errors = new ArrayList<>(translation.errors());
      errors.addAll(Failures.of(List.of(), plan.refused()));
      List<PlannedChange> changes = plan.changes().stream().map(PlannedChange::of).toList();
      ExitCode exitCode =
          !errors.isEmpty()
              ? ExitCode.PARTIAL
              : changes.isEmpty() ? ExitCode.DONE : ExitCode.PENDING;
      String closing = changes.isEmpty() ? "nothing to change" : changes.size() + " changes";
      return new PlanReport(exitCode, changes, errors, closing + kept(translation));
    }
  }

  private static String kept(Translation translation) {
    return whole(translation) ? "" : "; part of the input is unusable, so nothing is deleted";
  }

  private Report apply(RouterConfig config) {
    long start = System.nanoTime();
    Translation translation = translate(config);
    if (useless(translation)) {
      return new FailureReport(Verb.APPLY, ExitCode.FAILED, translation.errors());
    }
    try (Ipvs ipvs = Ipvs.open(genericNetlink.get())) {
      Outcome outcome = reconciler(ipvs, config).apply(translation.desired(), whole(translation));
      outcome.findings().forEach(finding -> console.log(Level.WARNING, finding));
      List<InputError> errors = new ArrayList<>(translation.errors());
      errors.addAll(Failures.of(outcome.errors(), outcome.refused()));
      boolean nothing = outcome.changes().isEmpty() && !outcome.errors().isEmpty();
      return new ApplyReport(
          errors.isEmpty() ? ExitCode.DONE : nothing ? ExitCode.FAILED : ExitCode.PARTIAL,
          outcome.changes().size(),
          outcome.kernelNanos(),
          System.nanoTime() - start,
          outcome.draining(),
          errors);
    }
  }

  private Report show(RouterConfig config) {
    try (Ipvs ipvs = Ipvs.open(genericNetlink.get())) {
      Ownership ownership =
          new Ownership(
              StateDirectory.open(config.stateDirectory()).ownership(namespace.get()).services(),
              config.pool(),
              false);
      return new ShowReport(
          ipvs.dump(),
          service -> service.value().map(VirtualService::key).map(ownership::ours).orElse(false));
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
    Machine machine =
        new MachineReader(root, genericNetlink)
            .read(state, here, recorded, pool, config.manifests(), List.of());
    return new DoctorReport(Doctor.examine(machine, Needs.of(desired)), errors);
  }

  private Reconciler reconciler(Ipvs ipvs, RouterConfig config) {
    return new Reconciler(
        ipvs,
        StateDirectory.open(config.stateDirectory()),
        namespace.get(),
        config.settings(),
        System::nanoTime);
  }
}
