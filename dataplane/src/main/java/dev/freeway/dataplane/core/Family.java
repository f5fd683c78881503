package dev.freeway.dataplane.core;

/** An address family. */
public enum Family {
  IPV4(2, 32),
  IPV6(10, 128);

  private final int number;
  private final int bits;

  Family(int number, int bits) {
    this.number = number;
    this.bits = bits;
  }

  /** The kernel's number: {@code AF_INET} 2, {@code AF_INET6} 10. */
  public int number() {
    return number;
  }

  /** Bits in an address. */
  public int bits() {
    return bits;
  }
}
