package dev.freeway.dataplane.health;

import dev.freeway.dataplane.health.probe.Target;

/** Who is told of what the monitor finds, on its thread: it must not wait for anything. */
public interface MonitorListener {
  /** The state of a target changed, or a warning came or went. */
  void changed(Target target, Assessment assessment);

  /**
   * Attempts cannot be made, by no fault of backends; told at most once a second while it is so.
   *
   * @param waiting targets whose attempt is due
   * @param reason what this machine lacks
   */
  void hindered(int waiting, String reason);

  /** A defect: a turn ended with an exception. The next one goes on. */
  void failed(RuntimeException exception);
}
