package dev.freeway.dataplane.core;

import java.util.List;

/** How the kernel sends a packet on to a destination ({@code IP_VS_CONN_F_FWD_MASK}). */
public enum Forwarding {
  /** Destination address and port rewritten; replies must come back through the director. */
  NAT(0),
  /** The destination is this host itself; the kernel sets it, nobody asks for it. */
  LOCAL(1),
  /** Wrapped as {@link Encapsulation} says; the reply goes straight to the client. */
  TUNNEL(2),
  /** Only the destination MAC rewritten; the reply goes straight to the client. */
  DIRECT(3),
  /** Passed to the original address; only seen on services of others. */
  BYPASS(4);

  private static final List<Forwarding> ALL = List.of(values());

  private final int number;

  Forwarding(int number) {
    this.number = number;
  }

  /** The kernel's number. */
  public int number() {
    return number;
  }

  /** The method with a kernel number; other connection flags are masked away first. */
  public static Forwarding of(int number) {
    int method = number & 7;
    for (Forwarding forwarding : ALL) {
      if (forwarding.number == method) {
        return forwarding;
      }
    }
    throw new IllegalArgumentException("forwarding method " + method + ": expected 0 to 4");
  }
}
