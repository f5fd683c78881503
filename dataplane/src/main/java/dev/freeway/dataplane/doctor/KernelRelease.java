package dev.freeway.dataplane.doctor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which Linux this is.
 *
 * @param text as {@code uname -r} says it, for example {@code 6.1.0-50-amd64}
 */
public record KernelRelease(int major, int minor, String text) {
  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4}).*");

  /** Reads a release; one that has no numbers is taken for the oldest. */
  public static KernelRelease parse(String text) {
    Matcher matcher = NUMBERS.matcher(text.strip());
    return matcher.matches()
        ? new KernelRelease(
            Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), text.strip())
        : new KernelRelease(0, 0, text.strip());
  }

  /** Whether it is older than that one. */
  public boolean before(int otherMajor, int otherMinor) {
    return major < otherMajor || (major == otherMajor && minor < otherMinor);
  }

  @Override
  public String toString() {
    return "Linux " + text;
  }
}
