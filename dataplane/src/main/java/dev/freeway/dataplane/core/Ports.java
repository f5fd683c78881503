package dev.freeway.dataplane.core;

/** The range of port numbers, in one place. */
final class Ports {
  private Ports() {}

  static void check(int port) {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port " + port + ": expected 0 to 65535");
    }
  }
}
