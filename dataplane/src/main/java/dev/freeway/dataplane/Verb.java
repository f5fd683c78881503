package dev.freeway.dataplane;

import static dev.freeway.dataplane.Setting.ADDRESSES;
import static dev.freeway.dataplane.Setting.ADOPT;
import static dev.freeway.dataplane.Setting.ANNOUNCE;
import static dev.freeway.dataplane.Setting.AUDIT_INTERVAL;
import static dev.freeway.dataplane.Setting.DATAPLANE;
import static dev.freeway.dataplane.Setting.DRAIN_LIMIT;
import static dev.freeway.dataplane.Setting.ENCAPSULATION;
import static dev.freeway.dataplane.Setting.FORWARDING;
import static dev.freeway.dataplane.Setting.KUBECONFIG;
import static dev.freeway.dataplane.Setting.LISTEN;
import static dev.freeway.dataplane.Setting.LOG_FORMAT;
import static dev.freeway.dataplane.Setting.LOG_LEVEL;
import static dev.freeway.dataplane.Setting.MANIFESTS;
import static dev.freeway.dataplane.Setting.MAX_SHRINK;
import static dev.freeway.dataplane.Setting.METRICS_DESTINATIONS;
import static dev.freeway.dataplane.Setting.NODE;
import static dev.freeway.dataplane.Setting.ONCE;
import static dev.freeway.dataplane.Setting.OUTPUT;
import static dev.freeway.dataplane.Setting.POD;
import static dev.freeway.dataplane.Setting.REORDER_AFTER;
import static dev.freeway.dataplane.Setting.STATE_DIR;
import static dev.freeway.dataplane.Setting.SYSCTLS;
import static dev.freeway.dataplane.Setting.TAKE_OVER;
import static dev.freeway.dataplane.Setting.VIP;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The commands, each with its options. */
enum Verb {
  PLAN(
      "What would change in the kernel and why. Changes nothing.",
      EnumSet.of(
          MANIFESTS,
          STATE_DIR,
          ADDRESSES,
          ANNOUNCE,
          ADOPT,
          SYSCTLS,
          DRAIN_LIMIT,
          REORDER_AFTER,
          OUTPUT,
          LOG_LEVEL)),
  APPLY("Brings the kernel to what the manifests say, once.", PLAN.settings()),
  RUN(
      "Follows the cluster's API server, or manifests; repairs the kernel's table, serves metrics;"
          + " ends 0 on SIGTERM and leaves the table serving. A file that is empty, broken or unreadable stands for what"
          + " it last said until it is mended. A file that goes from a directory counts as deleted"
          + " after 5 s, unless it was the last one: an empty or missing directory, and a missing"
          + " file that was named itself, change nothing.",
      EnumSet.of(
          MANIFESTS,
          KUBECONFIG,
          NODE,
          STATE_DIR,
          ADDRESSES,
          DATAPLANE,
          ANNOUNCE,
          TAKE_OVER,
          ADOPT,
          SYSCTLS,
          DRAIN_LIMIT,
          LISTEN,
          MAX_SHRINK,
          AUDIT_INTERVAL,
          REORDER_AFTER,
          METRICS_DESTINATIONS,
          LOG_FORMAT,
          LOG_LEVEL)),
  PREPARE(
      "Loads the kernel's modules and sets the sysctls of a director, once, and ends: for a router"
          + " whose container may not do that itself. For IPv6 too where --addresses has some.",
      EnumSet.of(STATE_DIR, ADDRESSES, ANNOUNCE, SYSCTLS, OUTPUT, LOG_LEVEL)),
  SHOW(
      "Services and destinations in the kernel, with weights, connections and rates.",
      EnumSet.of(STATE_DIR, ADDRESSES, OUTPUT, LOG_LEVEL)),
  TOP(
      "What the page of a running router shows, in this terminal, as it changes: services, backends,"
          + " connections, rates, problems and the last changes. q quits. Where standard output is no"
          + " terminal: once.",
      EnumSet.of(LISTEN, ONCE, OUTPUT, LOG_LEVEL)),
  RESTORE(
      "Puts back the sysctls that were there before us, and takes away the addresses, the link and"
          + " the source NAT that we added. Services stay in the kernel's table until an apply"
          + " without them, but their addresses are no longer this machine's. Stop run first: it"
          + " would repair what this undoes.",
      EnumSet.of(STATE_DIR, OUTPUT, LOG_LEVEL)),
  DOCTOR(
      "Everything on this machine that stands in the way, each with the command that mends it."
          + " Changes nothing. With --manifests also what these need.",
      EnumSet.of(MANIFESTS, STATE_DIR, ADDRESSES, ANNOUNCE, OUTPUT, LOG_LEVEL)),
  BACKEND_PREPARE(
      "Makes the network namespace that this is in one of a real server: takes packets to --vip,"
          + " straight or out of tunnels, and answers to nobody who asks for them by ARP. For an"
          + " init container with NET_ADMIN, or a machine of its own. Repeating it changes nothing.",
      EnumSet.of(VIP, FORWARDING, ENCAPSULATION, OUTPUT, LOG_LEVEL)),
  BACKEND_RUN(
      "The same for all Pods of this node that Services of ours select with direct or tunnel, from"
          + " outside, and says in each Pod's condition freeway.dev/backend-prepared when it is"
          + " done: name it in readinessGates. Ends 0 on SIGTERM and leaves all prepared.",
      EnumSet.of(KUBECONFIG, NODE, LOG_FORMAT, LOG_LEVEL)),
  BACKEND_DOCTOR(
      "What a real server lacks, each with the command that mends it: the Pod that is named, for"
          + " the Services that select it, or this network namespace for --vip. To a Pod it sends a"
          + " packet as the router would and looks whether an answer leaves. Changes nothing.",
      EnumSet.of(POD, VIP, FORWARDING, ENCAPSULATION, KUBECONFIG, NODE, OUTPUT, LOG_LEVEL));

  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // an unmodifiable copy
  private final Set<Setting> settings;

  Verb(String help, Set<Setting> settings) {
    this.help = help;
    this.settings = Set.copyOf(settings);
  }

  /** As typed. */
  String command() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  String help() {
    return help;
  }

  Set<Setting> settings() {
    return settings;
  }

  /** The words of a command line that name it. */
  int words() {
    return command().split(" ", -1).length;
  }

  /** Whether a command line begins with it. */
  boolean begins(String... args) {
    String[] words = command().split(" ", -1);
    return args.length >= words.length
        && Arrays.equals(words, 0, words.length, args, 0, words.length);
  }

  /** Whether it goes on until it is told to end. */
  boolean stays() {
    return this == RUN || this == BACKEND_RUN;
  }

  /** Whether it means nothing without manifests. */
  boolean needsManifests() {
    return this == PLAN || this == APPLY;
  }
}
