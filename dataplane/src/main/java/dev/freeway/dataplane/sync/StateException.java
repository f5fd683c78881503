package dev.freeway.dataplane.sync;

import java.nio.file.Path;

/** The state directory cannot be used; the message names it and says what would be right. */
public final class StateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private static final String EXPECTED =
      "a directory with free space that this user may write, or another one by --state-dir";

  private final String problem;

  StateException(String operation, Path path, Throwable cause) {
    this(operation + " " + path + ": " + reason(cause), cause);
  }

  private StateException(String problem, Throwable cause) {
    super(problem + "; expected " + EXPECTED, cause);
    this.problem = problem;
  }

  /** What failed, where and why. */
  public String problem() {
    return problem;
  }

  /** What would be right. */
  public String expected() {
    return EXPECTED;
  }

  /** The system's words for a failure, without Java's. */
  public static String reason(Throwable cause) {
    String message = cause.getMessage();
    return switch (cause) {
      case java.nio.file.AccessDeniedException _ -> "permission denied";
      case java.nio.file.NoSuchFileException _ -> "no such directory";
      case java.nio.file.FileSystemException e when e.getReason() != null -> e.getReason();
      default -> message == null ? cause.getClass().getSimpleName() : message;
    };
  }
}
