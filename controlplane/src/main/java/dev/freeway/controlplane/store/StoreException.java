package dev.freeway.controlplane.store;

/** The store cannot do what was asked: what failed, where, and what would be right. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * An error that a person can act on.
   *
   * @param where the database, without a password
   * @param right what would be right; empty when nobody knows
   */
  public StoreException(String what, StoreAddress where, String right, Throwable cause) {
    super(text(what, where, right), cause);
  }

  /** An error without a cause below it. */
  public StoreException(String what, StoreAddress where, String right) {
    super(text(what, where, right));
  }

  private static String text(String what, StoreAddress where, String right) {
    return where + ": " + what + (right.isEmpty() ? "" : "; " + right);
  }
}
