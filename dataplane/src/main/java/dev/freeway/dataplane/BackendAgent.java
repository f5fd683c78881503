package dev.freeway.dataplane;

import dev.freeway.dataplane.backend.Backend;
import dev.freeway.dataplane.backend.BackendNeeds;
import dev.freeway.dataplane.backend.NodeNetwork;
import dev.freeway.dataplane.backend.PodAgent;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.kube.PodFollower;
import dev.freeway.dataplane.kube.PodNeeds;
import dev.freeway.dataplane.kube.api.ApiException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.logging.Level;
import java.util.stream.Collectors;

/**
 * {@code backend run}, wired: what the API server says of this node's Pods goes from its thread to
 * the agent's, which moves among their namespaces; how they stand goes back and into their status.
 */
final class BackendAgent implements AutoCloseable {
  private static final LongSupplier CLOCK = System::nanoTime;
  private static final long REPORT_SECONDS = 5;

  private final Console console;
  private final ScheduledThreadPoolExecutor loop = executor("kubernetes");
  private final ScheduledThreadPoolExecutor work = executor("pods");
  private final ScheduledThreadPoolExecutor node = executor("node"); // stays in its namespace
  private final CountDownLatch ended = new CountDownLatch(1);
  private final PodFollower follower;
  private final PodAgent agent;
  private List<PodNeeds> pods = List.of(); // the agent's thread's
  private final NodeNetwork network = new NodeNetwork();
  private Optional<SortedSet<IpAddress>> addresses = Optional.empty(); // the node's thread's
  private List<InputError> around = List.of(); // the node's thread's
  private Future<?> due = CompletableFuture.completedFuture(null); // the agent's thread's
  private final Map<String, Report> reported = new HashMap<>(); // by UID; the agent's thread's

  /** What was said of a Pod last. */
  private record Report(boolean prepared, String message) {}

  private BackendAgent(Console console, RouterConfig config) throws ApiException {
    this.console = console;
    this.agent = PodAgent.ofThisNode(CLOCK, new Told());
    this.follower =
        PodFollower.open(
            config.kubeconfig(),
            config.node().orElseGet(Router::nodeName),
            loop,
            CLOCK,
            new PodFollower.Listener() {
              @Override
              public void needs(List<PodNeeds> now, SortedSet<IpAddress> addresses) {
                work.execute(guarded(() -> want(now)));
                node.execute(guarded(() -> around(addresses)));
              }

              @Override
              public void input(Optional<InputError> problem) {
                problem.ifPresentOrElse(
                    error -> console.log(Level.WARNING, Failures.sentence(error)),
                    () -> console.log(Level.INFO, "the API server answers again"));
              }
            });
  }

  private static ScheduledThreadPoolExecutor executor(String name) {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1,
            Thread.ofPlatform().name(name).daemon().factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }

  /**
   * Starts it.
   *
   * @throws ApiException when there is no API server to be found
   */
  static BackendAgent start(Console console, RouterConfig config) throws ApiException {
    BackendAgent agent = new BackendAgent(console, config);
    // What is prepared stays so; there is nothing to bring to an end.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> Runtime.getRuntime().halt(ExitCode.DONE.number()), "end"));
    agent.follower.start();
    var _ =
        agent.loop.scheduleWithFixedDelay(
            agent.guarded(agent.follower::tick), 1, 1, TimeUnit.SECONDS);
    var _ =
        agent.work.scheduleWithFixedDelay(
            agent.guarded(agent::again), REPORT_SECONDS, REPORT_SECONDS, TimeUnit.SECONDS);
    var _ =
        agent.node.scheduleWithFixedDelay(
            agent.guarded(() -> agent.addresses.ifPresent(agent::around)),
            REPORT_SECONDS,
            REPORT_SECONDS,
            TimeUnit.SECONDS);
    return agent;
  }

  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        console.trace(e);
        console.log(Level.SEVERE, Failures.sentence(Failures.of(e)));
      }
    };
  }

  private void want(List<PodNeeds> now) {
    pods = now;
    agent.want(
        now.stream()
            .map(
                pod ->
                    new PodAgent.Wanted(
                        pod.pod(), pod.uid(), BackendNeeds.of(pod.addresses(), pod.tunnels())))
            .toList());
    reported.keySet().retainAll(now.stream().map(PodNeeds::uid).collect(Collectors.toSet()));
    turn();
  }

  /** The node's own network; the same failure is told once. */
  private void around(SortedSet<IpAddress> now) {
    addresses = Optional.of(now);
    Backend.Report report = network.keep(now);
    report.changes().forEach(change -> console.log(Level.INFO, change.what()));
    if (!report.errors().equals(around)) {
      around = report.errors();
      around.forEach(error -> console.log(Level.WARNING, Failures.sentence(error)));
    }
  }

  /** One turn of the agent, and the next when something is due. */
  private void turn() {
    due.cancel(false);
    long next = TimeUnit.SECONDS.toNanos(REPORT_SECONDS);
    try {
      next = agent.work();
      report();
    } finally {
      due = work.schedule(guarded(this::turn), next, TimeUnit.NANOSECONDS);
    }
  }

  /** A condition that somebody else overwrote is written again. */
  private void again() {
    reported.clear();
    report();
  }

  private void report() {
    for (PodNeeds pod : pods) {
      status(pod)
          .filter(status -> !status.equals(reported.put(pod.uid(), status)))
          .ifPresent(
              status ->
                  loop.execute(
                      guarded(() -> follower.report(pod, status.prepared(), status.message()))));
    }
  }

  private Optional<Report> status(PodNeeds pod) {
    return switch (agent.standing(pod.uid())) {
      case PodAgent.Standing.Unseen _ -> Optional.empty();
      case PodAgent.Standing.Failing failing ->
          Optional.of(new Report(false, Failures.sentence(failing.errors().getFirst())));
      case PodAgent.Standing.Prepared _ when !pod.waiting().isEmpty() ->
          Optional.of(
              new Report(false, "no address yet: Service " + String.join(", ", pod.waiting())));
      case PodAgent.Standing.Prepared _ -> Optional.of(new Report(true, words(pod)));
    };
  }

  private static String words(PodNeeds pod) {
    String refused = pod.errors().isEmpty() ? "" : "; " + String.join("; ", pod.errors());
    if (pod.services().isEmpty()) {
      return "nothing needed" + refused;
    }
    return "takes packets to "
        + pod.addresses().stream().map(IpAddress::toString).collect(Collectors.joining(", "))
        + (pod.tunnels().isEmpty() ? "" : " out of tunnels")
        + " for "
        + String.join(", ", pod.services())
        + refused;
  }

  /** Logs what is done. */
  private final class Told implements PodAgent.Listener {
    @Override
    public void prepared(PodAgent.Wanted pod, List<Backend.Lack> changes) {
      console.log(
          Level.INFO,
          "prepared",
          "pod",
          pod.pod(),
          "changes",
          changes.stream().map(Backend.Lack::what).collect(Collectors.joining("; ")));
    }

    @Override
    public void failed(PodAgent.Wanted pod, List<InputError> errors) {
      errors.forEach(
          error -> console.log(Level.WARNING, Failures.sentence(error), "pod", pod.pod()));
    }
  }

  void await() throws InterruptedException {
    ended.await();
  }

  @Override
  public void close() {
    work.shutdownNow();
    node.shutdownNow();
    loop.shutdownNow();
    follower.close();
    ended.countDown();
  }
}
