package dev.freeway.dataplane.kernel;

/** Counters of a service or destination since it was made or zeroed; rates are always 0. */
final class ModelStatistics {
  long connections;
  long inPackets;
  long inBytes;
  long outPackets;
  long outBytes;

  void zero() {
    connections = 0;
    inPackets = 0;
    inBytes = 0;
    outPackets = 0;
    outBytes = 0;
  }

  void packet(int bytes) {
    inPackets++;
    inBytes += bytes;
  }
}
