package dev.freeway.dataplane;

/** How a command ended; the numbers are part of the interface and the same in every program. */
enum ExitCode {
  /** Done, and nothing is pending. */
  DONE(0),
  /** Failed, and nothing was changed. */
  FAILED(1),
  /** {@code plan}: changes are pending. {@code doctor}: there are findings. */
  PENDING(2),
  /** The good was done, the bad is listed. */
  PARTIAL(3),
  /** The command line itself is wrong, as in sysexits.h. */
  USAGE(64);

  private final int number;

  ExitCode(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
