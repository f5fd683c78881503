package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.Command;
import dev.freeway.dataplane.core.Scheduler;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.core.VirtualService;
import dev.freeway.dataplane.ipvs.Answer;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.netlink.Errno;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Carries changes out and interprets the kernel's answers. A refused change does not stop the
 * others; what was already so counts as done.
 *
 * <p>Bulk filling: {@code mh} rebuilds its table of 4,093 slots at every change of a destination. A
 * new service is therefore filled without a scheduler and gets it once, at the end. Without, rather
 * than under {@code rr}: replacing a scheduler waits for an RCU grace period with the kernel's IPVS
 * mutex held (ip_vs_edit_service), and there is nothing to replace. Measured on Linux 6.1 in the
 * lab, 200 services of 10: 0.79 s under mh, 0.15 s without a scheduler, 3.43 s under rr. A service
 * that was there before, has no connections and is to change at large is filled under {@code rr},
 * so that it goes on taking new ones meanwhile; that pays from about 90 rebuilds. One that carries
 * connections keeps its scheduler throughout. {@code sh} and {@code dh} rebuild 256 slots, which
 * costs nothing to speak of (2,200 changes in 0.060 s filled directly, 0.058 s otherwise).
 *
 * <p>Routers that fill a service agree on its {@code mh} table, for destinations are added in their
 * canonical order. After partial changes their orders may differ, and so a few slots do. The order
 * could be restored only by deleting and adding again, and with {@code expire_nodest_conn=1} a
 * connection that sends a packet in the gap is lost: so it is left.
 */
final class Programmer {
  /** Destination changes from which a new service is filled before it gets its scheduler. */
  static final int FILL_NEW = 2;

  /** Destination changes that outweigh two RCU grace periods in a service without connections. */
  static final int FILL_IDLE = 128;

  /** Commands after which a run may stop; the filling of a service is never cut in two. */
  static final int CHUNK = 4096;

  private static final Scheduler NONE = new Scheduler("none", false, false);
  private static final Scheduler ROUND_ROBIN = new Scheduler("rr", false, false);

  /** Which services of the table carry no connection. */
  interface Idle {
    /** The service as the kernel holds it when it is there and carries none. */
    Optional<VirtualService> idle(ServiceKey service);
  }

  /**
   * What came of it.
   *
   * @param done changes that are now so
   * @param acknowledged what the kernel did, command by command
   * @param vanished services that were gone when they were to be changed: dump and plan again
   * @param taken services that were there when they were to be made: somebody else made them, or
   *     the dump skipped them; nothing was put into them
   * @param errors changes that the kernel refused
   * @param kernelNanos time in the kernel and on the way there and back
   */
  record Result(
      List<Change> done,
      List<Command> acknowledged,
      Set<ServiceKey> vanished,
      Set<ServiceKey> taken,
      List<ProgramError> errors,
      long kernelNanos) {}

  /** A command, and the change that is done when the kernel acknowledges it. */
  private record Step(Command command, Change change, boolean completes) {}

  private final IpvsTable table;
  private final LongSupplier clock;
  private final Set<String> seenSchedulers = new HashSet<>();

  Programmer(IpvsTable table, LongSupplier clock) {
    this.table = table;
    this.clock = clock;
  }

  /** The services that commands make. */
  static Set<ServiceKey> added(Stream<Command> commands) {
    Set<ServiceKey> added = new TreeSet<>();
    commands.forEach(
        command -> {
          if (command instanceof Command.AddService add) {
            added.add(add.service());
          }
        });
    return added;
  }

  /** The error that a service is which somebody else made while we were about to. */
  static ProgramError takenError(ServiceKey service) {
    return new ProgramError(
        "add service " + service,
        Errno.EEXIST,
        "another program added it since the table was read",
        "nothing there; take it over with --adopt");
  }

  /** The error that a service is which another program keeps deleting. */
  static ProgramError vanishedError(ServiceKey service) {
    return new ProgramError(
        "change service " + service,
        Errno.ESRCH,
        "it was deleted while we changed it",
        "no other program that deletes our services");
  }

  /**
   * Carries out changes, which are in {@link Change#ORDER}.
   *
   * @param stopping asked between chunks; what is left undone then is in no list
   * @throws dev.freeway.dataplane.netlink.NetlinkException when the socket fails; which of the
   *     changes were done is then unknown
   */
  Result execute(List<Change> changes, Idle idle, BooleanSupplier stopping) {
    Run run = new Run();
    int from = 0;
    while (from < changes.size() && !stopping.getAsBoolean()) {
      int to = Math.min(from + CHUNK, changes.size());
      while (to < changes.size() && sameService(changes.get(to - 1), changes.get(to))) {
        to++;
      }
      chunk(changes.subList(from, to), idle, run);
      from = to;
    }
    run.done.sort(Change.ORDER); // a service that was filled is done last
    return new Result(
        run.done, run.acknowledged, run.vanished, run.taken, run.errors, run.kernelNanos);
  }

  private static boolean sameService(Change one, Change other) {
    return one.command().service().equals(other.command().service());
  }

  private void chunk(List<Change> changes, Idle idle, Run run) {
    Set<ServiceKey> made = prove(changes, run);
    List<Step> makeServices = new ArrayList<>();
    List<Step> rest = new ArrayList<>(changes.size());
    for (int from = 0; from < changes.size(); ) {
      int to = endOfService(changes, from);
      service(changes.subList(from, to), idle, made, run, makeServices, rest);
      from = to;
    }
    // Services first and apart: when somebody else made one meanwhile, nothing is put into it.
    run.execute(makeServices);
    rest.removeIf(step -> run.unusable.contains(step.command.service()));
    run.execute(rest);
    List<Step> corrections = List.copyOf(run.corrections);
    run.corrections.clear();
    run.correcting = true;
    run.execute(corrections);
    run.correcting = false;
  }

  private static int endOfService(List<Change> changes, int from) {
    int to = from + 1;
    while (to < changes.size() && sameService(changes.get(from), changes.get(to))) {
      to++;
    }
    return to;
  }

  private static boolean fillsNew(List<Change> changesOfService) {
    return changesOfService.getFirst().command() instanceof Command.AddService add
        && rebuilds(add.value().scheduler())
        && changesOfService.size() > FILL_NEW;
  }

  /**
   * Makes the first service of each scheduler as it is to be: its module may be missing, and that
   * is to be known before services are filled that then cannot have it, and before the kernel is
   * asked for it again and again: each time it runs modprobe with its IPVS mutex held.
   */
  private Set<ServiceKey> prove(List<Change> changes, Run run) {
    List<Step> steps = new ArrayList<>();
    Set<ServiceKey> made = new HashSet<>();
    Set<String> asked = new HashSet<>(seenSchedulers);
    asked.addAll(run.missing);
    for (int from = 0; from < changes.size(); ) {
      int to = endOfService(changes, from);
      Change first = changes.get(from);
      Optional<Scheduler> wanted = scheduler(first.command());
      if (wanted.isPresent() && asked.add(wanted.get().name())) {
        steps.add(new Step(first.command(), first, !fillsNew(changes.subList(from, to))));
        made.add(first.command().service());
      }
      from = to;
    }
    run.execute(steps);
    return made;
  }

  /** The scheduler that a command asks the kernel for. */
  private static Optional<Scheduler> scheduler(Command command) {
    return switch (command) {
      case Command.AddService add -> Optional.of(add.value().scheduler());
      case Command.SetService set -> Optional.of(set.value().scheduler());
      default -> Optional.empty();
    };
  }

  /** Lays out the steps of one service. */
  private void service(
      List<Change> changes,
      Idle idle,
      Set<ServiceKey> made,
      Run run,
      List<Step> make,
      List<Step> rest) {
    Change first = changes.getFirst();
    List<Change> others = changes.subList(1, changes.size());
    if (first.command() instanceof Command.AddService add) {
      VirtualService value = add.value();
      boolean proved = made.contains(value.key());
      if (!fillsNew(changes) || !(proved || seenSchedulers.contains(value.scheduler().name()))) {
        if (!proved) {
          make.add(new Step(add, first, true));
        }
        steps(others, rest);
        return;
      }
      if (proved) {
        rest.add(new Step(new Command.SetService(value.with(NONE)), first, false));
      } else {
        make.add(new Step(new Command.AddService(value.with(NONE)), first, false));
      }
      steps(others, rest);
      rest.add(new Step(new Command.SetService(value), first, true));
      return;
    }
    if (first.command() instanceof Command.SetService set
        && (made.contains(set.service()) || run.missing.contains(set.value().scheduler().name()))) {
      if (!made.contains(set.service())) {
        make.add(new Step(set, first, true)); // fails, and is not sent
      }
      steps(others, rest);
      return;
    }
    boolean changesService = first.kind() == Change.Kind.SERVICE;
    int destinations = changesService ? others.size() : changes.size();
    Optional<VirtualService> held =
        destinations >= FILL_IDLE ? idle.idle(first.command().service()) : Optional.empty();
    if (held.isEmpty()) {
      steps(changes, rest);
      return;
    }
    VirtualService target =
        first.command() instanceof Command.SetService set ? set.value() : held.get();
    if (!rebuilds(target.scheduler())) {
      steps(changes, rest);
      return;
    }
    if (rebuilds(held.get().scheduler())) {
      rest.add(new Step(new Command.SetService(held.get().with(ROUND_ROBIN)), first, false));
    }
    steps(changesService ? others : changes, rest);
    rest.add(new Step(new Command.SetService(target), first, changesService));
  }

  private static void steps(List<Change> changes, List<Step> into) {
    for (Change change : changes) {
      into.add(new Step(change.command(), change, true));
    }
  }

  /** Whether a scheduler computes a table anew at every change of a destination, at a price. */
  private static boolean rebuilds(Scheduler scheduler) {
    return scheduler.name().equals("mh");
  }

  /** What has come of one call so far. */
  private final class Run {
    private final List<Change> done = new ArrayList<>();
    private final List<Command> acknowledged = new ArrayList<>();
    private final Set<ServiceKey> vanished = new LinkedHashSet<>();
    private final Set<ServiceKey> taken = new LinkedHashSet<>();
    private final List<ProgramError> errors = new ArrayList<>();
    private final Set<ServiceKey> unusable = new HashSet<>();
    private final List<Step> corrections = new ArrayList<>();
    private final Set<String> missing = new HashSet<>();
    private boolean correcting;
    private long kernelNanos;

    private void execute(List<Step> steps) {
      if (steps.isEmpty()) {
        return;
      }
      List<Step> sent = new ArrayList<>(steps.size());
      List<Command> commands = new ArrayList<>(steps.size());
      for (Step step : steps) {
        if (scheduler(step.command).filter(wanted -> missing.contains(wanted.name())).isPresent()) {
          interpret(step, new Answer(Errno.ENOENT, ""));
        } else {
          sent.add(step);
          commands.add(step.command);
        }
      }
      if (sent.isEmpty()) {
        return;
      }
      long start = clock.getAsLong();
      List<Answer> answers;
      try {
        answers = table.execute(commands);
      } finally {
        kernelNanos += clock.getAsLong() - start;
      }
      for (int i = 0; i < sent.size(); i++) {
        interpret(sent.get(i), answers.get(i));
      }
    }

    private void interpret(Step step, Answer answer) {
      Command command = step.command;
      if (answer.done()) {
        acknowledge(step);
        return;
      }
      Command instead = null;
      switch (answer.errno()) {
        case Errno.EEXIST -> {
          switch (command) {
            case Command.AddDestination add ->
                instead = new Command.SetDestination(add.service(), add.value());
            case Command.AddService add -> {
              taken.add(add.service());
              unusable.add(add.service());
              return;
            }
            default -> {}
          }
        }
        case Errno.ENOENT -> {
          switch (command) {
            case Command.SetDestination set ->
                instead = new Command.AddDestination(set.service(), set.value());
            case Command.DeleteDestination _ -> {
              acknowledge(step);
              return;
            }
            case Command.AddService _, Command.SetService _ ->
                scheduler(command)
                    .ifPresent(
                        wanted -> {
                          missing.add(wanted.name());
                          seenSchedulers.remove(wanted.name());
                        });
            default -> {}
          }
        }
        case Errno.ESRCH -> {
          if (command instanceof Command.DeleteService) {
            acknowledge(step);
          } else if (!unusable.contains(command.service())) {
            vanished.add(command.service());
          }
          return;
        }
        default -> {}
      }
      if (instead != null && !correcting) {
        corrections.add(new Step(instead, step.change, step.completes));
        return;
      }
      if (command instanceof Command.AddService add) {
        unusable.add(add.service());
      }
      errors.add(Refusals.describe(step.change, answer));
    }

    private void acknowledge(Step step) {
      acknowledged.add(step.command);
      scheduler(step.command).ifPresent(used -> seenSchedulers.add(used.name()));
      if (step.completes) {
        done.add(step.change);
      }
    }
  }
}
