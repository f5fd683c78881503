package dev.freeway.controlplane.query;

/** A query that is refused or that the database does not understand, in the database's words. */
public final class QueryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  QueryException(String message) {
    super(message);
  }

  QueryException(String message, Throwable cause) {
    super(message, cause);
  }
}
