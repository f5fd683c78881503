package dev.freeway.dataplane.kube.api;

import java.io.IOException;

/** The API server refused a request, could not be reached, or said what cannot be understood. */
public final class ApiException extends IOException {
  private static final long serialVersionUID = 1;

  /** The status of an answer that never came. */
  public static final int NO_ANSWER = 0;

  private final int status;

  /**
   * What went wrong.
   *
   * @param request method and path
   * @param status of HTTP, or {@link #NO_ANSWER}
   * @param message the server's own words, or the connection's
   */
  public ApiException(String request, int status, String message) {
    super(request + ": " + (status == NO_ANSWER ? "" : status + " ") + message);
    this.status = status;
  }

  /** The status of HTTP, or {@link #NO_ANSWER}. */
  public int status() {
    return status;
  }
}
