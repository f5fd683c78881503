package dev.freeway.dataplane;

import static dev.freeway.dataplane.Setting.ADDRESSES;
import static dev.freeway.dataplane.Setting.ADOPT;
import static dev.freeway.dataplane.Setting.DRAIN_LIMIT;
import static dev.freeway.dataplane.Setting.LOG_LEVEL;
import static dev.freeway.dataplane.Setting.MANIFESTS;
import static dev.freeway.dataplane.Setting.OUTPUT;
import static dev.freeway.dataplane.Setting.STATE_DIR;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The commands, each with its options. */
enum Verb {
  PLAN(
      "What would change in the kernel and why. Changes nothing.",
      EnumSet.of(MANIFESTS, STATE_DIR, ADDRESSES, ADOPT, DRAIN_LIMIT, OUTPUT, LOG_LEVEL)),
  APPLY("Brings the kernel to what the manifests say, once.", PLAN.settings()),
  SHOW(
      "Services and destinations in the kernel, with weights, connections and rates.",
      EnumSet.of(STATE_DIR, ADDRESSES, OUTPUT, LOG_LEVEL)),
  DOCTOR(
      "Everything on this machine that stands in the way, each with the command that mends it."
          + " Changes nothing. With --manifests also what these need.",
      EnumSet.of(MANIFESTS, STATE_DIR, ADDRESSES, OUTPUT, LOG_LEVEL));

  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable copy
  private final Set<Setting> settings;

  Verb(String help, Set<Setting> settings) {
    this.help = help;
    this.settings = Set.copyOf(settings);
  }

  /** As typed. */
  String command() {
    return name().toLowerCase(Locale.ROOT);
  }

  String help() {
    return help;
  }

  Set<Setting> settings() {
    return settings;
  }

  /** Whether it means nothing without manifests. */
  boolean needsManifests() {
    return this == PLAN || this == APPLY;
  }
}
