package dev.freeway.controlplane;

/** How a command ended; the numbers are part of the interface and the same in every program. */
final class ExitCode {
  /** Done. */
  static final int DONE = 0;

  /** Failed, and nothing was changed. */
  static final int FAILED = 1;

  /** Done in part: what was refused, throttled out or failed is listed. */
  static final int PARTIAL = 3;

  /** A question was not understood. */
  static final int NOT_UNDERSTOOD = 4;

  /** The command line itself is wrong, as in sysexits.h. */
  static final int USAGE = 64;

  private ExitCode() {}
}
