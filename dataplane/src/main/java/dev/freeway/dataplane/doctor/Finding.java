package dev.freeway.dataplane.doctor;

/**
 * Something that stands in the way.
 *
 * @param severity how much
 * @param name what kind of finding it is, for scripts: the same words in every version
 * @param problem what is wrong, with the values found
 * @param why what comes of it
 * @param command what mends it, to be typed as it stands
 */
public record Finding(Severity severity, String name, String problem, String why, String command) {
  /** How much a finding stands in the way. */
  public enum Severity {
    /** Something that was asked for does not work. */
    ERROR,
    /** It works, but not as well or as safely as it could. */
    WARNING
  }

  static Finding error(String name, String problem, String why, String command) {
    return new Finding(Severity.ERROR, name, problem, why, command);
  }

  static Finding warning(String name, String problem, String why, String command) {
    return new Finding(Severity.WARNING, name, problem, why, command);
  }
}
