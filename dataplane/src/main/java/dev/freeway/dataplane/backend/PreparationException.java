package dev.freeway.dataplane.backend;

/** A namespace could not be prepared; says what would be right. */
public final class PreparationException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String expected;

  /**
   * A refusal.
   *
   * @param problem what is wrong
   * @param expected what would be right
   */
  public PreparationException(String problem, String expected) {
    super(problem);
    this.expected = expected;
  }

  /** What would be right. */
  public String expected() {
    return expected;
  }
}
