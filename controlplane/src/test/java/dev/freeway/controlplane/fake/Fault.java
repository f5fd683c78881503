package dev.freeway.controlplane.fake;

import java.time.Duration;
import java.util.Optional;

/** What goes wrong with a request. */
public sealed interface Fault {
  /**
   * One request too many, in the service's own words.
   *
   * @param retryAfter what the header says; whole seconds
   */
  record Throttled(Optional<Duration> retryAfter) implements Fault {
    /** Without a header. */
    public Throttled() {
      this(Optional.empty());
    }
  }

  /** Not allowed, in the service's own words. */
  record Denied() implements Fault {}

  /** The account has not asked for the service. */
  record OptInRequired() implements Fault {}

  /** The credentials expired. */
  record Expired() implements Fault {}

  /**
   * Another refusal in the service's protocol.
   *
   * @param code empty for an empty body
   */
  record Refused(int status, String code, String message) implements Fault {}

  /**
   * An HTML page, as emulators, proxies and captive portals answer.
   *
   * @param type what its header says that it is
   */
  record Html(int status, String type) implements Fault {
    /** One that says what it is. */
    public Html(int status) {
      this(status, "text/html; charset=utf-8");
    }
  }

  /** The connection is reset. */
  record Reset() implements Fault {}

  /** The answer ends in its middle. */
  record Cut() implements Fault {}

  /** No answer comes. */
  record Silent() implements Fault {}

  /** A page gives the token again that it was asked with. */
  record SameToken() implements Fault {}

  /** Structures have members that no model knows. */
  record Unknown() implements Fault {}

  /** The answer takes longer. */
  record Slow(Duration by) implements Fault {}
}
