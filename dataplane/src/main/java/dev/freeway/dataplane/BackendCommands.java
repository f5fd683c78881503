package dev.freeway.dataplane;

import dev.freeway.dataplane.backend.Backend;
import dev.freeway.dataplane.backend.BackendNeeds;
import dev.freeway.dataplane.backend.PodProbe;
import dev.freeway.dataplane.backend.PreparationException;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.doctor.Finding;
import dev.freeway.dataplane.kube.PodFollower;
import dev.freeway.dataplane.kube.PodNeeds;
import dev.freeway.dataplane.kube.api.ApiException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** {@code backend prepare} and {@code backend doctor}: real servers, looked at once. */
final class BackendCommands {
  private static final Duration ANSWER = Duration.ofSeconds(30);

  private BackendCommands() {}

  static Report prepare(BackendConfig config) {
    Backend.Report done = Backend.prepare(config.needs());
    ExitCode exitCode =
        done.prepared()
            ? ExitCode.DONE
            : done.changes().isEmpty() ? ExitCode.FAILED : ExitCode.PARTIAL;
    return new PreparedReport(exitCode, done);
  }

  static Report doctor(RouterConfig config) {
    BackendConfig backend = config.backend();
    try {
      List<Backend.Lack> lacks =
          backend.pod().isEmpty()
              ? Backend.examine(backend.needs())
              : ofPod(config, backend.pod().get());
      return new DoctorReport(lacks.stream().map(BackendCommands::finding).toList(), List.of());
    } catch (PreparationException e) {
      return failed(backend.pod(), String.valueOf(e.getMessage()), e.expected());
    } catch (ApiException e) {
      return failed(
          backend.pod(),
          String.valueOf(e.getMessage()),
          "an API server: --kubeconfig, KUBECONFIG or a Pod's service account");
    }
  }

  private static Report failed(Optional<String> pod, String problem, String expected) {
    return new DoctorReport(
        List.of(),
        List.of(
            new InputError("", pod.map(name -> "pod " + name).orElse(""), "", problem, expected)));
  }

  private static Finding finding(Backend.Lack lack) {
    return new Finding(
        lack.name().equals("packet") ? Finding.Severity.WARNING : Finding.Severity.ERROR,
        lack.name(),
        (lack.removal() ? "to be: " : "missing: ") + lack.what(),
        lack.why(),
        lack.command());
  }

  private static List<Backend.Lack> ofPod(RouterConfig config, String pod) throws ApiException {
    PodNeeds needs = needs(config, pod);
    if (!needs.errors().isEmpty()) {
      throw new PreparationException(
          String.join("; ", needs.errors()), "Services whose annotations can be used");
    }
    if (needs.services().isEmpty()) {
      throw new PreparationException(
          "no Service of class freeway.dev/ipvs with freeway.dev/forwarding direct or tunnel"
              + " selects it",
          "a Pod behind one; nat needs nothing of a Pod");
    }
    if (needs.addresses().isEmpty()) {
      throw new PreparationException(
          "no address yet: " + String.join(", ", needs.waiting()),
          "Services with an address: kubectl describe service says what they wait for");
    }
    return PodProbe.examine(
        needs.uid(), BackendNeeds.of(needs.addresses(), needs.tunnels()), needs.keys());
  }

  /** What the Services of a Pod of this node need, by the API server. */
  private static PodNeeds needs(RouterConfig config, String pod) throws ApiException {
    BlockingQueue<List<PodNeeds>> heard = new LinkedBlockingQueue<>();
    AtomicReference<Optional<InputError>> problem = new AtomicReference<>(Optional.empty());
    ScheduledThreadPoolExecutor loop =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("kubernetes").daemon().factory());
    String node = config.node().orElseGet(Router::nodeName);
    try (PodFollower follower =
        PodFollower.open(
            config.kubeconfig(),
            node,
            loop,
            System::nanoTime,
            new PodFollower.Listener() {
              @Override
              public void needs(List<PodNeeds> pods, SortedSet<IpAddress> addresses) {
                heard.add(pods);
              }

              @Override
              public void input(Optional<InputError> now) {
                problem.set(now);
              }
            })) {
      follower.start();
      List<PodNeeds> pods = heard.poll(ANSWER.toSeconds(), TimeUnit.SECONDS);
      if (pods == null) {
        throw problem
            .get()
            .map(
                error ->
                    new PreparationException(
                        error.file() + ": " + error.document() + ": " + error.value(),
                        error.expected()))
            .orElseGet(
                () ->
                    new PreparationException(
                        "no answer of the API server", "one within " + ANSWER.toSeconds() + " s"));
      }
      return pods.stream()
          .filter(one -> one.pod().equals(pod))
          .findFirst()
          .orElseThrow(
              () ->
                  new PreparationException(
                      "no such Pod runs on the node " + node,
                      "one of this node, or this command on its own: kubectl get pod -o wide;"
                          + " --node NAME where this machine is called otherwise"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PreparationException("interrupted", "more patience");
    } finally {
      loop.shutdownNow();
    }
  }
}
