package dev.freeway.dataplane.link;

/** The machine refused something; says what would be right. */
final class HostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int errno;
  private final String expected;

  /**
   * A refusal.
   *
   * @param reason the machine's own words
   * @param errno the positive error number; 0 when there is none
   * @param expected what would be right
   */
  HostException(String reason, int errno, String expected) {
    super(reason);
    this.errno = errno;
    this.expected = expected;
  }

  int errno() {
    return errno;
  }

  String expected() {
    return expected;
  }
}
