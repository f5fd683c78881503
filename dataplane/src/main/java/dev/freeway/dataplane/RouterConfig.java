package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Announcing;
import dev.freeway.dataplane.core.Durations;
import dev.freeway.dataplane.core.Prefix;
import dev.freeway.dataplane.sync.Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.logging.Level;

/**
 * What the command line asks for, checked. Defaults and help are in {@link Setting}.
 *
 * @param manifests files, directories or {@code -}, in the order given; none: the API server
 * @param kubeconfig of the API server; otherwise it is looked for
 * @param node the Kubernetes node that this is, by the command line
 * @param stateDirectory holds the ownership record and what was there before us
 * @param pool prefixes whose services are all ours
 * @param relay whether this process carries the packets, and not the kernel
 * @param takeOver whether it goes on for another process that does
 * @param announceLayer2 whether one router answers for an address and the others are silent
 * @param adopt whether the manifests take over services of others
 * @param sysctls whether sysctls are set although others have services too
 * @param drainLimit how long a terminating endpoint keeps its connections
 * @param listen where {@code run} serves its pages
 * @param maxShrink the share of services or endpoints that may go at once, 0 to 1
 * @param auditInterval how often the table is read and repaired
 * @param reorderAfter how long a service of mh has to be quiet before it is reordered; empty: never
 * @param metricsDestinations whether destinations have metrics of their own
 * @param logJson whether {@code run} logs JSON
 * @param once whether {@code top} ends when it has printed once
 * @param backend what the commands for real servers take
 * @param output form of the result on standard output
 * @param logLevel the least severe level that is logged
 */
record RouterConfig(
    List<String> manifests,
    Optional<Path> kubeconfig,
    Optional<String> node,
    Path stateDirectory,
    List<Prefix> pool,
    boolean relay,
    boolean takeOver,
    boolean announceLayer2,
    boolean adopt,
    boolean sysctls,
    Duration drainLimit,
    InetSocketAddress listen,
    double maxShrink,
    Duration auditInterval,
    Optional<Duration> reorderAfter,
    boolean metricsDestinations,
    boolean logJson,
    boolean once,
    BackendConfig backend,
    OutputFormat output,
    Level logLevel) {

  RouterConfig {
    if (takeOver && !relay) {
      throw new UsageException(
          Setting.TAKE_OVER.option(),
          "",
          "it beside --dataplane relay: the kernel serves on without a process");
    }
    if (relay && announceLayer2) {
      throw new UsageException(
          Setting.ANNOUNCE.option(),
          "l2",
          "none beside --dataplane relay, which listens on addresses that this machine has");
    }
  }

  /** What a relay's table holds nobody else can have made, whatever was recorded of it. */
  private static final List<Prefix> ALL = List.of(Prefix.parse("0.0.0.0/0"), Prefix.parse("::/0"));

  /** Where the values of options come from. */
  interface Values {
    /** Every value given for an option, or its default alone, or nothing. */
    List<String> of(Setting setting);
  }

  /**
   * Reads and checks every option.
   *
   * @throws UsageException naming the first one that cannot be used
   */
  static RouterConfig from(Values values) {
    return new RouterConfig(
        List.copyOf(values.of(Setting.MANIFESTS)),
        one(values, Setting.KUBECONFIG, "a file", RouterConfig::file),
        one(
            values,
            Setting.NODE,
            "a node's name",
            text -> Optional.of(text).filter(name -> !name.isBlank())),
        one(values, Setting.STATE_DIR, "a directory", RouterConfig::path),
        pool(values.of(Setting.ADDRESSES)),
        one(values, Setting.DATAPLANE, "kernel or relay", text -> isFirst(text, "relay", "kernel")),
        flag(values, Setting.TAKE_OVER),
        one(values, Setting.ANNOUNCE, "none or l2", text -> isFirst(text, "l2", "none")),
        flag(values, Setting.ADOPT),
        flag(values, Setting.SYSCTLS),
        one(values, Setting.DRAIN_LIMIT, "a time such as 30s, 500ms or 2m", Durations::parse),
        one(
            values,
            Setting.LISTEN,
            "an address and a port such as 127.0.0.1:10777, [::1]:10777 or 0.0.0.0:10777",
            RouterConfig::socketAddress),
        one(values, Setting.MAX_SHRINK, "a share such as 50% or 0.5", RouterConfig::share),
        one(
            values,
            Setting.AUDIT_INTERVAL,
            "a time of 10ms or more such as 1s",
            RouterConfig::interval),
        one(
            values,
            Setting.REORDER_AFTER,
            "a time such as 10s, or off",
            text -> text.equals("off") ? Optional.empty() : Optional.of(Durations.parse(text))),
        flag(values, Setting.METRICS_DESTINATIONS),
        one(values, Setting.LOG_FORMAT, "text or json", text -> isFirst(text, "json", "text")),
        flag(values, Setting.ONCE),
        BackendConfig.from(values),
        one(values, Setting.OUTPUT, "table, wide or json", RouterConfig::output),
        one(values, Setting.LOG_LEVEL, "error, warning, info or debug", RouterConfig::level));
  }

  /** What the writer needs of it. */
  Settings settings() {
    return new Settings(
        drainLimit,
        relay ? ALL : pool,
        adopt,
        maxShrink,
        auditInterval,
        reorderAfter,
        announcing());
  }

  /** Manifests are one router's; in a cluster the Leases tell of the others. */
  Announcing announcing() {
    if (!announceLayer2) {
      return new Announcing.Everyone();
    }
    return manifests.isEmpty() ? new Announcing.Unknown() : new Announcing.Alone();
  }

  static <T> T one(Values values, Setting setting, String expected, Function<String, T> parser) {
    List<String> given = values.of(setting);
    String text = given.isEmpty() ? setting.fallback() : given.getLast();
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(setting.option(), text, expected);
    }
  }

  private static boolean flag(Values values, Setting setting) {
    return one(values, setting, "no value", Boolean::valueOf);
  }

  private static List<Prefix> pool(List<String> given) {
    List<Prefix> pool = new ArrayList<>();
    for (String list : given) {
      for (String text : list.split(",", -1)) {
        if (list.isBlank()) {
          continue;
        }
        try {
          pool.addAll(Prefix.range(text.strip()));
        } catch (IllegalArgumentException e) {
          throw new UsageException(
              Setting.ADDRESSES.option(),
              text.strip(),
              "prefixes such as 10.0.0.0/24 or 2001:db8::/64, without bits beyond their length, or"
                  + " ranges such as 10.0.0.8-10.0.0.15");
        }
      }
    }
    return List.copyOf(pool);
  }

  private static Optional<Path> file(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(path(text));
  }

  private static Path path(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("empty");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Duration interval(String text) {
    Duration interval = Durations.parse(text);
    if (interval.compareTo(Duration.ofMillis(10)) < 0) {
      throw new IllegalArgumentException(text);
    }
    return interval;
  }

  private static double share(String text) {
    double share =
        text.endsWith("%")
            ? Double.parseDouble(text.substring(0, text.length() - 1)) / 100
            : Double.parseDouble(text);
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(text);
    }
    return share;
  }

  private static InetSocketAddress socketAddress(String text) {
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, Math.max(0, colon));
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    if (bare.contains(":") != host.startsWith("[")) {
      throw new IllegalArgumentException(text); // an IPv6 address takes brackets, another none
    }
    return new InetSocketAddress(
        InetAddress.ofLiteral(bare.equals("localhost") ? "127.0.0.1" : bare),
        Integer.parseInt(text.substring(colon + 1)));
  }

  /** One of two words. */
  private static boolean isFirst(String text, String first, String second) {
    if (!text.equals(first) && !text.equals(second)) {
      throw new IllegalArgumentException(text);
    }
    return text.equals(first);
  }

  private static OutputFormat output(String text) {
    return OutputFormat.valueOf(text.toUpperCase(Locale.ROOT));
  }

  private static Level level(String text) {
    return switch (text) {
      case "error" -> Level.SEVERE;
      case "warning" -> Level.WARNING;
      case "info" -> Level.INFO;
      case "debug" -> Level.FINE;
      default -> throw new IllegalArgumentException(text);
    };
  }
}
