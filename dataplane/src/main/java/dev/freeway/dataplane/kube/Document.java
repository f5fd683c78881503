package dev.freeway.dataplane.kube;

/** One document of a file, or why there is none. */
sealed interface Document {
  /** 1-based; empty documents do not count. */
  int number();

  record Parsed(int number, Tree tree) implements Document {}

  /**
   * A document that is not well-formed.
   *
   * @param line 1-based line in the file
   * @param column 1-based
   * @param text the line itself
   * @param problem the parser's words
   */
  record Broken(int number, int line, int column, String text, String problem)
      implements Document {}
}
