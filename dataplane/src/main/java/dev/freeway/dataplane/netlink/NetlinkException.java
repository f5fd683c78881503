package dev.freeway.dataplane.netlink;

/** The kernel, or the socket to it, refused an operation. */
public final class NetlinkException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int errno;

  /**
   * A refusal.
   *
   * @param operation what was asked, in words
   * @param errno the positive error number
   * @param kernelMessage the extended ack's text, or the error's name
   */
  public NetlinkException(String operation, int errno, String kernelMessage) {
    super(operation + ": " + kernelMessage + " (errno " + errno + ")");
    this.errno = errno;
  }

  /**
   * The same refusal, with the operation that it stopped in front.
   *
   * @param operation what was asked, in words
   */
  public NetlinkException(String operation, NetlinkException cause) {
    super(operation + ": " + cause.getMessage(), cause);
    this.errno = cause.errno;
  }

  /** The positive error number. */
  public int errno() {
    return errno;
  }
}
