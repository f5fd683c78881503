package dev.freeway.dataplane.backend;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.libc.NetworkNamespace;
import dev.freeway.dataplane.netlink.Errno;
import dev.freeway.dataplane.netlink.MalformedMessageException;
import dev.freeway.dataplane.netlink.NetlinkException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the Pods of a node prepared: each at once when it is new or needs something else, and again
 * every few seconds, for its namespace may have been made anew or changed. On one platform thread
 * of its own, which moves from namespace to namespace.
 */
public final class PodAgent {
  /** How often a Pod that was prepared is looked at again. */
  private static final Duration AGAIN = Duration.ofSeconds(5);

  /** How often one is looked for that has no process yet. */
  private static final Duration SOON = Duration.ofMillis(100);

  /** After that it is looked for as seldom as one that is there. */
  private static final Duration LONG = Duration.ofSeconds(30);

  /**
   * What a Pod is to be ready for.
   *
   * @param pod {@code namespace/name}
   */
  public record Wanted(String pod, String uid, BackendNeeds needs) {}

  /** How a Pod stands. */
  public sealed interface Standing {
    /** It has all that it needs. */
    record Prepared() implements Standing {}

    /** Something stands in the way; it is tried again. */
    record Failing(List<InputError> errors) implements Standing {}

    /** It was not found yet. */
    record Unseen() implements Standing {}
  }

  /** Told what was done, on the agent's thread. */
  public interface Listener {
    /** A Pod was changed, and has now all that it needs. */
    void prepared(Wanted pod, List<Backend.Lack> changes);

    /** Something new stands in the way. */
    void failed(Wanted pod, List<InputError> errors);
  }

  /** Does something in a namespace. */
  interface Namespaces {
    Backend.Report prepare(Path namespace, Runnable check, BackendNeeds needs);
  }

  /** What is known of a Pod. */
  private static final class Known {
    Wanted wanted;
    final long sinceNanos;
    long dueNanos;
    Standing standing = new Standing.Unseen();
    boolean touched; // by this agent, and so its to clear

    Known(Wanted wanted, long now) {
      this.wanted = wanted;
      this.sinceNanos = now;
      this.dueNanos = now;
    }
  }

  private final PodProcesses processes;
  private final Namespaces namespaces;
  private final LongSupplier clock;
  private final Listener listener;
  private final Map<String, Known> pods = new HashMap<>(); // by UID

  PodAgent(PodProcesses processes, Namespaces namespaces, LongSupplier clock, Listener listener) {
    this.processes = processes;
    this.namespaces = namespaces;
    this.clock = clock;
    this.listener = listener;
  }

  /** An agent of this node, which sees all its processes. */
  public static PodAgent ofThisNode(LongSupplier clock, Listener listener) {
    return new PodAgent(
        new PodProcesses(Path.of("/proc")),
        (namespace, check, needs) -> {
          NetworkNamespace.enter(namespace);
          check.run();
          return Backend.prepare(needs);
        },
        clock,
        listener);
  }

  /** All Pods of the node, and what they need; those with nothing are cleared once. */
  public void want(List<Wanted> all) {
    long now = clock.getAsLong();
    Set<String> named = new HashSet<>();
    for (Wanted wanted : all) {
      named.add(wanted.uid());
      Known known = pods.get(wanted.uid());
      if (known == null) {
        pods.put(wanted.uid(), new Known(wanted, now));
      } else if (!known.wanted.equals(wanted)) {
        known.wanted = wanted;
        known.dueNanos = now;
        known.standing = new Standing.Unseen();
      }
    }
    pods.keySet().retainAll(named);
  }

  /** How a Pod stands. */
  public Standing standing(String uid) {
    Known known = pods.get(uid);
    return known == null ? new Standing.Unseen() : known.standing;
  }

  /** Does what is due; returns in how many nanoseconds something will be. */
  public long work() {
    long now = clock.getAsLong();
    List<Known> due = new ArrayList<>();
    for (Known known : pods.values()) {
      if (known.dueNanos - now <= 0) {
        due.add(known);
      }
    }
    if (!due.isEmpty()) {
      Set<String> uids = new HashSet<>();
      due.forEach(known -> uids.add(known.wanted.uid()));
      Map<String, Integer> found = processes.find(uids);
      for (Known known : due) {
        Integer process = found.get(known.wanted.uid());
        look(known, process == null ? 0 : process);
      }
    }
    long next = AGAIN.toNanos();
    long then = clock.getAsLong();
    for (Known known : pods.values()) {
      next = Math.min(next, known.dueNanos - then);
    }
    return Math.max(0, next);
  }

  private void look(Known known, int process) {
    long now = clock.getAsLong();
    known.dueNanos = now + AGAIN.toNanos();
    Wanted wanted = known.wanted;
    boolean nothing = wanted.needs().equals(BackendNeeds.NONE);
    if (nothing && !known.touched) { // what is there is an init container's, or nobody's
      known.standing = new Standing.Prepared();
      return;
    }
    boolean fresh = now - known.sinceNanos < LONG.toNanos();
    boolean onHost = process != 0 && processes.isOnHost(process);
    if (process == 0 || (onHost && fresh)) { // a process that begins is on the host for a moment
      unseen(known, now, fresh);
      return;
    }
    if (onHost) {
      failed(
          known,
          List.of(
              new InputError(
                  "",
                  "pod " + wanted.pod(),
                  "spec.hostNetwork",
                  "true",
                  "a network namespace of its own: the service's addresses would be the node's")));
      return;
    }
    try {
      Backend.Report report =
          namespaces.prepare(
              processes.namespace(process),
              () -> {
                if (!processes.isOf(process, wanted.uid())) {
                  throw new EndedException();
                }
              },
              wanted.needs());
      known.touched = !nothing;
      if (!report.prepared()) {
        failed(known, report.errors());
        return;
      }
      known.standing = new Standing.Prepared();
      if (!report.changes().isEmpty()) {
        listener.prepared(wanted, report.changes());
      }
    } catch (EndedException e) {
      unseen(known, now, true);
    } catch (NetlinkException e) {
      if (e.errno() == Errno.ENOENT) { // its namespace's file has gone with it
        unseen(known, now, true);
        return;
      }
      boolean forbidden = e.errno() == Errno.EACCES;
      failed(
          known,
          List.of(
              error(
                  wanted,
                  e.getMessage(),
                  forbidden
                      ? "an agent that AppArmor or SELinux lets enter: appArmorProfile Unconfined,"
                          + " as in deploy/kubernetes/backend/agent.yaml"
                      : "it is tried again")));
    } catch (MalformedMessageException e) {
      failed(known, List.of(error(wanted, e.getMessage(), "it is tried again")));
    } catch (PreparationException e) {
      failed(known, List.of(error(wanted, e.getMessage(), e.expected())));
    }
  }

  /** The process that was found is no more the Pod's. */
  private static final class EndedException extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private static void unseen(Known known, long now, boolean soon) {
    known.standing = new Standing.Unseen();
    known.dueNanos = now + (soon ? SOON : AGAIN).toNanos();
  }

  private static InputError error(Wanted wanted, @Nullable String problem, String expected) {
    return new InputError("", "pod " + wanted.pod(), "", String.valueOf(problem), expected);
  }

  /** The same failure is told once. */
  private void failed(Known known, List<InputError> errors) {
    Standing before = known.standing;
    known.standing = new Standing.Failing(List.copyOf(errors));
    if (!known.standing.equals(before)) {
      listener.failed(known.wanted, errors);
    }
  }
}
