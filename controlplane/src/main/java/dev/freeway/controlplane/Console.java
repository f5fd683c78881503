package dev.freeway.controlplane;

/** The terminal. */
final class Console {
  private static final int USUAL = 120;

  private Console() {}

  /** Whether standard input and output are one. */
  @SuppressWarnings("SystemConsoleNull") // so it is documented to be, still
  static boolean isTerminal() {
    java.io.Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Asks on it; empty where there is none, or its input ended. */
  @SuppressWarnings("SystemConsoleNull")
  static String ask(String question) {
    java.io.Console console = System.console();
    String line = console == null ? null : console.readLine("%s", question);
    return line == null ? "" : line;
  }

  /** How many columns it has; a usual number where nobody says, none to spare in a pipe. */
  static int width() {
    String columns = System.getenv().getOrDefault("COLUMNS", "");
    if (columns.matches("[1-9]\\d{1,4}")) {
      return Integer.parseInt(columns);
    }
    return isTerminal() ? USUAL : Integer.MAX_VALUE;
  }
}
