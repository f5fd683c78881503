package dev.freeway.dataplane.link;

/**
 * A sysctl as it is to be.
 *
 * @param path below {@code /proc/sys}, for example {@code net/ipv4/vs/conntrack}
 * @param value as text
 * @param reason why, in plain words
 * @param required whether a service does not work without it; the others make it work better
 */
record WantedSysctl(String path, String value, String reason, boolean required) {
  /**
   * The name as {@code sysctl} takes it: dots between the parts, and a slash for a dot within one,
   * as in {@code net.ipv4.conf.eth0/100.send_redirects}.
   */
  String name() {
    return name(path);
  }

  static String name(String path) {
    StringBuilder name = new StringBuilder(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      name.append(c == '/' ? '.' : c == '.' ? '/' : c);
    }
    return name.toString();
  }
}
