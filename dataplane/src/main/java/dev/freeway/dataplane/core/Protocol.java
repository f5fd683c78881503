package dev.freeway.dataplane.core;

/** A transport protocol that IPVS balances. */
public enum Protocol {
  TCP(6),
  UDP(17),
  SCTP(132);

  private final int number;

  Protocol(int number) {
    this.number = number;
  }

  /** The IANA protocol number. */
  public int number() {
    return number;
  }

  /**
   * The protocol with an IANA number.
   *
   * @throws IllegalArgumentException when IPVS does not balance it
   */
  public static Protocol of(int number) {
    for (Protocol protocol : values()) {
      if (protocol.number == number) {
        return protocol;
      }
    }
    throw new IllegalArgumentException(
        "protocol number " + number + ": expected 6 (TCP), 17 (UDP) or 132 (SCTP)");
  }
}
