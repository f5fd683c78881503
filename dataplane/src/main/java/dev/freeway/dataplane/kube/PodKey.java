package dev.freeway.dataplane.kube;

/**
 * A Pod of a Service, as its slices name it.
 *
 * @param name within the Service's namespace
 * @param incarnation tells it from an earlier or later one of its name, see {@link #incarnation}
 */
record PodKey(String name, int incarnation) {
  private static final int LONGEST = 253;

  /**
   * Whether a Pod can have this name, as far as a path of the API server could have another use for
   * it: letters, digits, and between them dots and dashes. The server does not look at what a slice
   * calls its target: whoever may write slices may write anything.
   */
  static boolean isName(String text) {
    int length = text.length();
    if (length == 0 || length > LONGEST) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char one = text.charAt(i);
      boolean between = i > 0 && i < length - 1;
      if (!(one >= 'a' && one <= 'z')
          && !(one >= '0' && one <= '9')
          && !(between && (one == '-' || one == '.'))) {
        return false;
      }
    }
    return true;
  }

  /** A hash of a Pod's UID, for endpoints are many and held for long; 0 where it is not told. */
  static int incarnation(String uid) {
    return uid.hashCode();
  }
}
