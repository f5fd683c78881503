package dev.freeway.dataplane.sync;

/** Whether so many destinations of a service are not well that all are used. */
public enum Panic {
  /** From now on they are. */
  BEGINS,
  /** No longer; some are out for their health. */
  SOME_OUT,
  /** No longer, and none is out. */
  NONE_OUT
}
