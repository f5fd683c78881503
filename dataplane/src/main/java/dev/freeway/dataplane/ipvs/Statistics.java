package dev.freeway.dataplane.ipvs;

/**
 * The 64-bit counters of a service or destination since it was made or zeroed, and the kernel's
 * estimates of the rates. Direct and tunnelled replies never pass, so their out-counters stay 0.
 */
public record Statistics(
    long connections,
    long inPackets,
    long outPackets,
    long inBytes,
    long outBytes,
    long connectionsPerSecond,
    long inPacketsPerSecond,
    long outPacketsPerSecond,
    long inBytesPerSecond,
    long outBytesPerSecond) {
  public static final Statistics NONE = new Statistics(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
