package dev.freeway.controlplane.serve;

/** A request that is not answered: an HTTP status, what is wrong, what would be right. */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;

  Refused(int status, String message) {
    super(message);
    this.status = status;
  }

  int status() {
    return status;
  }

  String message() {
    return String.valueOf(getMessage());
  }
}
