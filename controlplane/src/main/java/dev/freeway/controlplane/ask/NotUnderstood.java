package dev.freeway.controlplane.ask;

/** A word of a question has no part in what was understood of it. */
final class NotUnderstood extends Exception {
  private static final long serialVersionUID = 1L;

  private final String word;

  /**
   * Says which.
   *
   * @param word as it was typed
   * @param why further; empty when there is nothing to say
   */
  NotUnderstood(String word, String why) {
    super(why);
    this.word = word;
  }

  String word() {
    return word;
  }

  String why() {
    return String.valueOf(getMessage());
  }
}
