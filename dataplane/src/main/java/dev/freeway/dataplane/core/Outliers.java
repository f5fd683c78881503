package dev.freeway.dataplane.core;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Finds destinations whose connections fail, from what is counted of them. Pure; owned by the
 * writer's thread.
 */
public final class Outliers {
  /** What is counted is looked at so far apart: answers take their time. */
  static final Duration WINDOW = Duration.ofSeconds(5);

  /** Fewer connections say nothing. */
  static final int LEAST = 5;

  /**
   * Counters of a destination since its beginning.
   *
   * @param connections that it was given
   * @param answers packets that came back; negative where they do not pass here
   * @param refused connections that it did not take
   * @param lost of those that it took, how many it reset before it said anything
   */
  public record Counters(long connections, long answers, long refused, long lost) {}

  private record Seen(Counters counters, long nanos) {}

  private final Map<ServiceDestination, Seen> seen = new HashMap<>();

  /** Why a destination is to be taken out, if it is; what is asked of it next is counted anew. */
  public Optional<String> look(ServiceDestination of, Counters now, long nanos) {
    Seen before = seen.get(of);
    if (before == null || now.connections < before.counters.connections) {
      seen.put(of, new Seen(now, nanos));
      return Optional.empty();
    }
    if (nanos - before.nanos < WINDOW.toNanos()) {
      return Optional.empty();
    }
    seen.put(of, new Seen(now, nanos));
    long connections = now.connections - before.counters.connections;
    long refused = now.refused - before.counters.refused;
    long failures = refused + now.lost - before.counters.lost;
    long tries = connections + refused;
    if (failures >= LEAST && failures * 2 >= tries) {
      return Optional.of(failures + " of its last " + tries + " connections failed");
    }
    if (now.answers >= 0 && connections >= LEAST && now.answers == before.counters.answers) {
      return Optional.of("it answered none of its last " + connections + " connections");
    }
    return Optional.empty();
  }

  /** Nothing is to be known any more of those that were not looked at since. */
  public void forgetBefore(long nanos) {
    seen.values().removeIf(one -> one.nanos - nanos < 0);
  }
}
