package dev.freeway.dataplane.health.probe;

import java.util.function.Consumer;

/** Who makes attempts. */
@FunctionalInterface
public interface Prober {
  /**
   * Begins one.
   *
   * @param outcome gets the outcome once, on the event loop, maybe before this method returns;
   *     never when the attempt was abandoned
   */
  Attempt begin(Target target, Consumer<Outcome> outcome);
}
