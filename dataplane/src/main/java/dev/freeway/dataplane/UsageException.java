package dev.freeway.dataplane;

/** The command line cannot be understood: which option, what was given, what would be right. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String option;
  private final String value;
  private final String expected;

  UsageException(String option, String value, String expected) {
    super(
        (option.isEmpty() ? "" : option + " ")
            + (value.isEmpty() ? "" : "\"" + value + "\": ")
            + "expected "
            + expected);
    this.option = option;
    this.value = value;
    this.expected = expected;
  }

  String option() {
    return option;
  }

  String value() {
    return value;
  }

  String expected() {
    return expected;
  }
}
