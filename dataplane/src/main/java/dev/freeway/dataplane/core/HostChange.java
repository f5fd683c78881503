package dev.freeway.dataplane.core;

import java.util.Locale;

/**
 * One change to the machine around the kernel's table.
 *
 * @param action what happens
 * @param kind to what
 * @param service the services it is for, as text; empty when it is for all
 * @param name which one: {@code net.ipv4.vs.conntrack}, {@code 10.0.0.1/32}, {@code ip_vs}
 * @param before what is there now; empty for nothing
 * @param after what will be there; empty for nothing
 * @param reason why, in plain words
 * @param command the shell command that does the same by hand
 */
public record HostChange(
    Action action,
    Kind kind,
    String service,
    String name,
    String before,
    String after,
    String reason,
    String command) {

  /** What happens. */
  public enum Action {
    ADD,
    SET,
    DELETE
  }

  /** To what; in the order in which the machine is made ready. */
  public enum Kind {
    MODULE,
    SYSCTL,
    SOURCE_NAT,
    SOURCE_RANGES,
    UNTRACKED,
    LINK,
    ADDRESS,
    ANNOUNCEMENT;

    /** As {@code plan} writes it, for example {@code source-nat}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /** For example {@code set sysctl net.ipv4.vs.conntrack}. */
  public String what() {
    return action.name().toLowerCase(Locale.ROOT) + " " + kind.text() + " " + name;
  }
}
