package dev.freeway.dataplane.health.probe;

import java.util.Optional;

/** What an attempt gave. Reasons are short sentences; bytes of the backend in them are escaped. */
public sealed interface Outcome {
  /** It answered as it should. */
  Outcome WELL = new Well(Optional.empty());

  /**
   * It answered as it should.
   *
   * @param warning what will be wrong soon, such as a certificate that is about to expire
   */
  record Well(Optional<String> warning) implements Outcome {}

  /** It is there, and did not answer as it should. */
  record Failing(String reason) implements Outcome {}

  /** Nobody is there. */
  record Dead(String reason) implements Outcome {}

  /**
   * The attempt could not be made, for a reason of this machine. It says nothing of the backend.
   *
   * @param shortage whether descriptors, ports or memory were short, so that it may be repeated
   *     soon
   */
  record Untried(String reason, boolean shortage) implements Outcome {}
}
