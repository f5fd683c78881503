package dev.freeway.controlplane;

/** The terminal. */
final class Console {
  private static final int USUAL = 120;

  private Console() {}

  /** How many columns it has; a usual number where nobody says, none to spare in a pipe. */
  static int width() {
    String columns = System.getenv().getOrDefault("COLUMNS", "");
    if (columns.matches("[1-9]\\d{1,4}")) {
      return Integer.parseInt(columns);
    }
    return System.console() != null && System.console().isTerminal() ? USUAL : Integer.MAX_VALUE;
  }
}
