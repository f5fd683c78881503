package dev.freeway.dataplane;

import dev.freeway.dataplane.admin.AdminServer;
import dev.freeway.dataplane.admin.RouterMetrics;
import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.Event;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.Namespace;
import dev.freeway.dataplane.doctor.Finding;
import dev.freeway.dataplane.doctor.KernelRelease;
import dev.freeway.dataplane.ipvs.IpvsTable;
import dev.freeway.dataplane.kube.ClusterFollower;
import dev.freeway.dataplane.kube.InputStatus;
import dev.freeway.dataplane.kube.ManifestFollower;
import dev.freeway.dataplane.kube.Translation;
import dev.freeway.dataplane.kube.api.ApiException;
import dev.freeway.dataplane.relay.RelayTable;
import dev.freeway.dataplane.sync.Adopted;
import dev.freeway.dataplane.sync.BootClock;
import dev.freeway.dataplane.sync.Host;
import dev.freeway.dataplane.sync.LastDesired;
import dev.freeway.dataplane.sync.Snapshot;
import dev.freeway.dataplane.sync.StateDirectory;
import dev.freeway.dataplane.sync.StateException;
import dev.freeway.dataplane.sync.TableLock;
import dev.freeway.dataplane.sync.Writer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.logging.Level;

/**
 * {@code run}, wired: a follower of the cluster, or of manifests, hands desired states to the
 * writer, which programs and repairs the kernel's table; a server shows both. What is started is
 * ended in the opposite order, and the table goes on serving.
 */
final class Router implements AutoCloseable {
  private static final int CLIENT_TIMEOUT_SECONDS = 10;

  /** How long an end may take; a writer in the middle of a chunk needs a few milliseconds. */
  private static final long END_MILLIS = 300;

  private static final LongSupplier CLOCK = System::nanoTime;

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private boolean closing; // guarded by parts
  private volatile Optional<AdminServer> server = Optional.empty();

  private Router() {}

  /** It could not start; nothing was changed. */
  static final class StartException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient List<InputError> errors;

    StartException(List<InputError> errors) {
      super("cannot start");
      this.errors = List.copyOf(errors);
    }

    List<InputError> errors() {
      return errors;
    }
  }

  /** The same without a doctor. */
  static Router start(
      Console console,
      RouterConfig config,
      Supplier<? extends IpvsTable> table,
      Supplier<Host> host,
      KernelRelease kernel,
      Namespace namespace,
      boolean signals) {
    return start(console, config, table, host, kernel, namespace, signals, List::of);
  }

  /**
   * Starts everything; nothing is changed before all of it has started.
   *
   * @param table opens the table
   * @param host opens the machine around it
   * @param kernel whose version it is
   * @param signals whether SIGTERM and SIGINT end the process with exit code 0, now and later
   * @param doctor what stands in the way on this machine; asked on a thread of its own
   * @throws StartException when the input or the address to listen on cannot be used
   */
  static Router start(
      Console console,
      RouterConfig config,
      Supplier<? extends IpvsTable> table,
      Supplier<Host> host,
      KernelRelease kernel,
      Namespace namespace,
      boolean signals,
      Supplier<List<Finding>> doctor) {
    Router router = new Router();
    try {
      if (signals) {
        router.endOnSignal();
      }
      router.open(console, config, table, host, kernel, namespace, doctor);
      return router;
    } catch (RuntimeException | Error e) {
      router.close();
      throw e;
    }
  }

  private void open(
      Console console,
      RouterConfig config,
      Supplier<? extends IpvsTable> table,
      Supplier<Host> host,
      KernelRelease kernel,
      Namespace namespace,
      Supplier<List<Finding>> doctor) {
    StateDirectory state = StateDirectory.open(config.stateDirectory());
    own(
        TableLock.take(
            state, namespace, "ipvs-router run, process " + ProcessHandle.current().pid()));
    Live live = new Live();
    RecentChanges changes = new RecentChanges(InstantSource.system());
    OverviewFeed.Sources shown =
        new OverviewFeed.Sources(
            live::snapshot,
            () -> live.input.get(),
            changes,
            new DoctorRounds(doctor, CLOCK),
            config.node().orElseGet(Router::nodeName),
            config.relay());
    // The server's and the metrics' classes are many: they load while the manifests are read.
    CompletableFuture<RouterMetrics> serving =
        CompletableFuture.supplyAsync(
            () -> serve(config, live, shown), Thread.ofPlatform().daemon()::start);
    IpvsTable ipvs = table.get();
    own(ipvs);
    Host machine = host.get();
    own(machine);
    RouterLog log = new RouterLog(console, config.relay() ? "the relay" : "the kernel");
    LastDesired last = new LastDesired(state, namespace);
    Desired held =
        Adopted.desired(ipvs.dump(), state.ownership(namespace), config.settings(), machine);
    // What a relay served ended with it: a Service that is refused now stands for what it was.
    Desired before =
        config.relay() && held.services().isEmpty() ? recalled(last, log).orElse(held) : held;
    UnaryOperator<Translation> kernelCheck =
        config.relay()
            ? UnaryOperator.identity()
            : translation -> BeyondKernel.check(translation, kernel);
    Optional<ManifestFollower> manifests =
        config.manifests().isEmpty()
            ? Optional.empty()
            : Optional.of(
                new ManifestFollower(
                    config.manifests(),
                    console.in(),
                    before,
                    kernelCheck,
                    config.auditInterval(),
                    CLOCK,
                    InstantSource.system(),
                    log));
    manifests.ifPresent(follower -> live.input = follower::status);
    manifests.ifPresent(this::own);
    Optional<Event> first = manifests.flatMap(ManifestFollower::first);
    RouterMetrics metrics = join(serving);
    if (ipvs instanceof RelayTable relay) {
      metrics.relay(
          () -> relay.room().connections(), () -> relay.room().most(), () -> relay.room().full());
    }
    if (manifests.isPresent() && first.isEmpty()) {
      List<InputError> errors = new ArrayList<>(manifests.get().status().frozen());
      errors.addAll(manifests.get().status().errors());
      throw new StartException(errors);
    }
    HealthEvents healthEvents = new HealthEvents();
    HealthChecks checks =
        new HealthChecks(
            config.relay() ? RelayTable.checks() : HealthChecks.SOCKETS, CLOCK, console);
    Writer writer =
        new Writer(
            ipvs,
            state,
            namespace,
            config.settings(),
            CLOCK,
            BootClock.SYSTEM,
            new Listeners(List.of(metrics, changes, log, healthEvents)),
            machine,
            checks);
    own(writer);
    own(checks);
    checks.tell(writer::submit);
    live.snapshots = writer::snapshot;
    live.alive = writer::aliveNanos;
    Optional<ClusterFollower> cluster =
        manifests.isPresent()
            ? Optional.empty()
            : Optional.of(
                cluster(
                    config,
                    before,
                    kernelCheck,
                    log,
                    writer,
                    last,
                    layer2(config, machine, writer)));
    cluster.ifPresent(this::own);
    cluster.ifPresent(healthEvents::tell);
    cluster.ifPresent(follower -> live.input = follower::status);
    writer.start();
    try {
      if (first.isPresent()) {
        writer.submit(first.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    console.log(
        Level.INFO,
        "serving / /events /page.json /metrics /healthz /readyz /state",
        "listen",
        address().toString().substring(1));
    manifests.ifPresent(
        follower -> follower.start(writer::submit, () -> writer.snapshot().held().isPresent()));
    cluster.ifPresent(ClusterFollower::start);
  }

  private static Optional<Desired> recalled(LastDesired last, RouterLog log) {
    try {
      LastDesired.Loaded loaded = last.load();
      if (!loaded.problem().isEmpty()) {
        log.notKept(loaded.problem());
      }
      return loaded.saved().map(LastDesired.Saved::desired);
    } catch (StateException e) {
      log.notKept(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static Optional<ClusterFollower.Layer2> layer2(
      RouterConfig config, Host machine, Writer writer) {
    return config.announceLayer2()
        ? Optional.of(
            new ClusterFollower.Layer2(
                !machine.answered().isEmpty(),
                () ->
                    Optional.of(writer.snapshot())
                        .filter(Snapshot::programmed)
                        .map(Snapshot::offer)))
        : Optional.empty();
  }

  private static ClusterFollower cluster(
      RouterConfig config,
      Desired before,
      UnaryOperator<Translation> kernelCheck,
      RouterLog log,
      Writer writer,
      LastDesired last,
      Optional<ClusterFollower.Layer2> layer2) {
    try {
      return ClusterFollower.open(
          config.kubeconfig(),
          config.node().orElseGet(Router::nodeName),
          config.pool(),
          before,
          kernelCheck,
          CLOCK,
          log,
          writer::submit,
          last,
          () -> writer.snapshot().held().isPresent(),
          layer2);
    } catch (ApiException e) {
      throw new StartException(
          List.of(
              new InputError(
                  "",
                  "",
                  Setting.KUBECONFIG.option(),
                  String.valueOf(e.getMessage()),
                  "a kubeconfig, a Pod with a service account, or "
                      + Setting.MANIFESTS.option()
                      + " PATH to follow files instead")));
    }
  }

  /** What Kubernetes calls this machine, as far as it is known. */
  static String nodeName() {
    String name = System.getenv("NODE_NAME");
    if (name != null && !name.isBlank()) {
      return name;
    }
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return ""; // then nothing is known of zones
    }
  }

  /** What is shown, before and after there is something to show. */
  private static final class Live implements RouterMetrics.Source {
    private volatile Supplier<Snapshot> snapshots = () -> Snapshot.NONE;
    private volatile Supplier<InputStatus> input = () -> InputStatus.unread(CLOCK.getAsLong());
    private volatile LongSupplier alive = CLOCK;

    @Override
    public Snapshot snapshot() {
      return snapshots.get();
    }

    @Override
    public int frozen() {
      return input.get().frozen().size();
    }

    @Override
    public int refused() {
      return input.get().refused().size();
    }

    @Override
    public long inputAgeNanos() {
      return CLOCK.getAsLong() - input.get().usableNanos();
    }
  }

  private RouterMetrics serve(RouterConfig config, Live live, OverviewFeed.Sources shown) {
    RouterMetrics metrics = new RouterMetrics(live, config.metricsDestinations());
    RouterPages pages =
        new RouterPages(
            live::snapshot,
            () -> live.alive.getAsLong(),
            () -> live.input.get(),
            CLOCK,
            config.auditInterval());
    OverviewFeed feed = new OverviewFeed(shown, pages::unready, CLOCK, InstantSource.system());
    try {
      server =
          Optional.of(
              AdminServer.start(
                  config.listen(),
                  pages.pages(metrics::page, feed::page),
                  feed,
                  address -> live.snapshot().serves(address),
                  CLIENT_TIMEOUT_SECONDS));
    } catch (IOException e) {
      throw new StartException(
          List.of(
              new InputError(
                  "",
                  "",
                  Setting.LISTEN.option(),
                  String.valueOf(e.getMessage()),
                  "an address of this machine and a port that is free")));
    }
    return metrics;
  }

  private RouterMetrics join(CompletableFuture<RouterMetrics> serving) {
    try {
      return serving.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } finally {
      server.ifPresent(this::own);
    }
  }

  /** Where the pages are. */
  InetSocketAddress address() {
    return server.orElseThrow().address();
  }

  /**
   * Ends the process with exit code 0 when it is told to end (SIGTERM, SIGINT); the JVM's own way
   * out would answer 143. Whatever hangs is left behind: the kernel serves without us.
   */
  private void endOnSignal() {
    Thread hook =
        new Thread(
            () -> {
              Thread closing = Thread.ofPlatform().daemon().start(this::close);
              try {
                closing.join(END_MILLIS);
              } catch (InterruptedException _) {
                // then at once
              }
              Runtime.getRuntime().halt(ExitCode.DONE.number());
            },
            "end");
    Runtime.getRuntime().addShutdownHook(hook);
    own(() -> withdraw(hook)); // for an end that no signal asked for
  }

  /** The hook is not needed any more. */
  static void withdraw(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException _) {
      // the hook itself runs
    }
  }

  /** Waits until it is closed. */
  void await() throws InterruptedException {
    ended.await();
  }

  /** Ends the part when everything ends; at once when that is already so. */
  private void own(AutoCloseable part) {
    synchronized (parts) { // the end may be asked for by a signal during the start
      if (!closing) {
        parts.push(part);
        return;
      }
    }
    end(part);
    throw new StartException(List.of());
  }

  private static void end(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception _) {
      // each of them says itself what went wrong; the others are ended all the same
    }
  }

  /** Ends everything and leaves the table as it is: serving. */
  @Override
  public void close() {
    while (true) {
      AutoCloseable part;
      synchronized (parts) {
        closing = true;
        part = parts.poll();
      }
      if (part == null) {
        break;
      }
      end(part);
    }
    ended.countDown();
  }
}
