package dev.freeway.dataplane.libc;

import static dev.freeway.dataplane.libc.Native.C;

/** Waits for what other processors do in the kernel. */
public final class MemoryBarrier {
  private static final int GLOBAL = 1; // MEMBARRIER_CMD_GLOBAL

  private MemoryBarrier() {}

  /**
   * Returns when every packet that a processor was handling at the time of the call is done:
   * membarrier(2) waits for an RCU grace period, and packets are handled under RCU.
   *
   * @return false where the kernel has no such call; nothing was waited for then
   */
  public static boolean await() {
    return C.syscall(number(), GLOBAL, 0, 0) == 0;
  }

  /** {@code __NR_membarrier}. */
  private static long number() {
    return System.getProperty("os.arch").equals("aarch64") ? 283 : 324;
  }
}
