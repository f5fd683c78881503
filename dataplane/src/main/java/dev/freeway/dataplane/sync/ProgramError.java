package dev.freeway.dataplane.sync;

/**
 * A change that the kernel refused.
 *
 * @param what the change, for example {@code add destination 10.1.0.1:80 of tcp 10.0.0.1:80}
 * @param errno the positive error number
 * @param kernelMessage the kernel's own words, or the error's name
 * @param expected what would be right
 * @param command what mends it, to be typed as it stands; empty where there is no such command
 */
public record ProgramError(
    String what, int errno, String kernelMessage, String expected, String command) {
  /** Where no command mends it. */
  public ProgramError(String what, int errno, String kernelMessage, String expected) {
    this(what, errno, kernelMessage, expected, "");
  }
}
