package dev.freeway.controlplane.ask;

/** One way in which words of a question can be used. Rules have no state of their own. */
interface Rule {
  /**
   * Uses the words that come next, if it can, and goes on after them.
   *
   * @return whether it did; if not, nothing is changed
   * @throws NotUnderstood when they can only be meant so, and cannot be so
   */
  boolean read(Reading reading) throws NotUnderstood;
}
