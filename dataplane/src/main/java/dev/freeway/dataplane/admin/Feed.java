package dev.freeway.dataplane.admin;

import java.util.Optional;

/** A document that clients follow: whole first, then what changed of it. Used on one thread. */
public interface Feed {
  /** What changed since the call before, as one line of JSON; empty for nothing. */
  Optional<String> changes();

  /** The whole as of the last {@link #changes}, as one line of JSON. */
  String whole();
}
