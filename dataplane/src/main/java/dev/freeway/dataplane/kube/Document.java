package dev.freeway.dataplane.kube;

/** One document of a file, or why there is none. */
sealed interface Document {
  /** 1-based; empty documents do not count. */
  int number();

  /** The same as one of a file in which so many come before its part. */
  Document after(int others);

  record Parsed(int number, Tree tree) implements Document {
    @Override
    public Document after(int others) {
      return new Parsed(number + others, tree);
    }
  }

  /**
   * A document that is not well-formed.
   *
   * @param line 1-based line in the file
   * @param column 1-based
   * @param text the line itself
   * @param problem the parser's words
   */
  record Broken(int number, int line, int column, String text, String problem) implements Document {
    @Override
    public Document after(int others) {
      return new Broken(number + others, line, column, text, problem);
    }
  }
}
