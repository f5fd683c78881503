package dev.freeway.dataplane;

import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.ipvs.Statistics;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.stream.IntStream;

/**
 * What the page and {@code top} show, of one moment. Two are compared for what changed between
 * them.
 *
 * @param times when things were so
 * @param router the program itself
 * @param services the table, by {@code tcp 10.0.0.1:80} or {@code fwmark 7}
 * @param changes the last ones, the oldest first
 * @param latency from event to kernel
 * @param problems what stands in the way of the input
 * @param doctor what stands in the way on this machine
 */
record Overview(
    Times times,
    About router,
    SortedMap<String, Service> services,
    List<RecentChanges.Entry> changes,
    RecentChanges.Latency latency,
    List<Problem> problems,
    DoctorRounds.Result doctor) {

  /** How a backend is, and why. */
  record Condition(State state, String reason) {}

  /** How a backend is. */
  enum State {
    SERVING,
    DRAINING,
    REMOVED,
    FAILING,
    UNKNOWN;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * In milliseconds since the epoch.
   *
   * @param nowMillis when this was put together
   * @param tableMillis when the table was read; 0 for never
   * @param inputMillis when all of the input could last be read and used
   */
  record Times(long nowMillis, long tableMillis, long inputMillis) {}

  /**
   * The program.
   *
   * @param node what this machine is called
   * @param relay whether the program carries the packets, and not the kernel
   * @param unready why it is not ready; empty when it is
   * @param draining destinations that drain
   * @param repaired changes of other programs that were undone
   * @param bounds upper bounds of the latency's buckets, in microseconds
   */
  record About(
      String node, boolean relay, String unready, int draining, long repaired, List<Long> bounds) {}

  /**
   * A service of the table.
   *
   * @param owner the Kubernetes Service, as {@code namespace/name}; empty when not known
   * @param scheduler with its flags
   * @param answers who answers neighbours for its address; empty where every router does
   * @param backends in canonical order
   */
  record Service(
      boolean ours,
      String owner,
      String scheduler,
      String answers,
      Statistics statistics,
      List<Backend> backends) {
    /** Whether nothing but figures differs from one before. */
    boolean isLike(Service before) {
      return ours == before.ours
          && owner.equals(before.owner)
          && scheduler.equals(before.scheduler)
          && answers.equals(before.answers)
          && backends.size() == before.backends.size()
          && IntStream.range(0, backends.size())
              .allMatch(i -> backends.get(i).isLike(before.backends.get(i)));
    }
  }

  /**
   * A backend of a service.
   *
   * @param address with its port
   * @param forwarding with the outer header of tunnels; empty when it is not in the table
   * @param weight in the table; -1 when it is not there
   */
  record Backend(
      String address,
      Condition condition,
      String forwarding,
      int weight,
      int active,
      int inactive,
      Statistics statistics) {
    private boolean isLike(Backend before) {
      return weight == before.weight
          && address.equals(before.address)
          && condition.equals(before.condition)
          && forwarding.equals(before.forwarding);
    }
  }

  /**
   * Something that stands in the way of the input.
   *
   * @param kind frozen, refused, held or error
   */
  record Problem(String kind, InputError error) {}
}
