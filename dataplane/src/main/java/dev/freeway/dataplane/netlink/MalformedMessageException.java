package dev.freeway.dataplane.netlink;

/** Bytes that came where a netlink message was expected, and are none. */
public final class MalformedMessageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * A malformed message.
   *
   * @param what what is wrong with it, with lengths and offsets in bytes
   */
  public MalformedMessageException(String what) {
    super(what);
  }
}
