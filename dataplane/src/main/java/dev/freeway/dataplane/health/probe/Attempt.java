package dev.freeway.dataplane.health.probe;

/** An attempt that is being made. To be used on its event loop. */
public interface Attempt {
  /** Its time is over: it ends, and its outcome, when there was none yet, is that. */
  void timeOut();

  /** Ends it without an outcome. */
  void abandon();
}
