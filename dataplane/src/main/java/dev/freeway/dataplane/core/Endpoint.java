package dev.freeway.dataplane.core;

/**
 * One backend of a service as the input describes it.
 *
 * @param destination how the kernel would hold it while it takes traffic, its full weight included
 * @param condition what Kubernetes says of it
 */
public record Endpoint(Destination destination, Condition condition) {
  /** Endpoints that are neither ready nor terminating are left out of the input. */
  public enum Condition {
    READY,
    /** Ready, but meant for clients elsewhere while others are ready for those here: it drains. */
    ELSEWHERE,
    /** Going away, but still answering: used only when nothing is ready. */
    SERVING_TERMINATING,
    /** Going away and no longer answering new connections: weight 0 until it is gone. */
    TERMINATING
  }
}
