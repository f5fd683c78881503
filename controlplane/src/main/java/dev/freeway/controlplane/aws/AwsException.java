package dev.freeway.controlplane.aws;

import java.time.Duration;
import java.util.Optional;

/** A call that AWS did not answer as it was asked, in its own words. */
public final class AwsException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String operation;
  private final Kind kind;
  private final int status;
  private final String code;
  private final transient Optional<Duration> retryAfter;

  /** Why. */
  public enum Kind {
    /** Too many requests; later it may go well. */
    THROTTLED,
    /** The caller may not see it. */
    DENIED,
    /** The service, or the feature, is not in this region or not in use. */
    NOT_HERE,
    /** The credentials are no longer valid, or never were. */
    CREDENTIALS,
    /** AWS's own clock and ours differ. */
    SKEWED,
    /** Another refusal with a code of AWS's. */
    REFUSED,
    /** An answer of status 500 or above, for the moment; with a code or without. */
    BROKEN,
    /** An answer that is none of AWS's: an emulator's, a proxy's. */
    FOREIGN,
    /** No answer, or one that was cut off or cannot be read. */
    UNREACHABLE,
    /** No such host: the service is not in this region, or names are not resolved. */
    NO_HOST
  }

  AwsException(
      String operation,
      Kind kind,
      int status,
      String code,
      String message,
      Optional<Duration> retryAfter,
      Optional<Throwable> cause) {
    super(message, cause.orElse(null));
    this.operation = operation;
    this.kind = kind;
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /** The code of {@link #withoutCredentials}, which AWS itself has no word for. */
  static final String NO_CREDENTIALS = "NoCredentials";

  /** No credentials were found, or their source did not give any. */
  public static AwsException withoutCredentials(RuntimeException cause) {
    return new AwsException(
        "credentials",
        Kind.CREDENTIALS,
        0,
        NO_CREDENTIALS,
        String.valueOf(cause.getMessage()),
        Optional.empty(),
        Optional.of(cause));
  }

  /** There is an answer, or a part of one, that cannot be used. */
  public static AwsException unread(String operation, String why) {
    return new AwsException(
        operation, Kind.UNREACHABLE, 0, "", why, Optional.empty(), Optional.empty());
  }

  /** The same refusal, with more words on it. */
  public AwsException saying(String message) {
    return new AwsException(
        operation, kind, status, code, message, Optional.empty(), Optional.of(this));
  }

  /** As in {@code ec2:DescribeInstances}. */
  public String operation() {
    return operation;
  }

  /** Why. */
  public Kind kind() {
    return kind;
  }

  /** Of HTTP; 0 without an answer. */
  public int status() {
    return status;
  }

  /** Whether a code says that the credentials were good, and no longer are. */
  public static boolean ended(String code) {
    return code.equals(NO_CREDENTIALS) || Refusals.EXPIRED.contains(code);
  }

  /** AWS's own, or {@code NoCredentials}; empty where it said none. */
  public String code() {
    return code;
  }

  /** What AWS said or what went wrong. */
  public String said() {
    String message = getMessage();
    return message == null ? "" : message;
  }

  /** How long AWS asks to wait. */
  public Optional<Duration> retryAfter() {
    return retryAfter;
  }
}
