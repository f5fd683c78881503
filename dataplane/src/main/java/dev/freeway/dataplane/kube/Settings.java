package dev.freeway.dataplane.kube;

import dev.freeway.dataplane.core.Durations;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.Forwarding;
import dev.freeway.dataplane.core.HealthCheck;
import dev.freeway.dataplane.core.HealthRules;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.IpAddress;
import dev.freeway.dataplane.core.Nearest;
import dev.freeway.dataplane.core.ProbeOverrides;
import dev.freeway.dataplane.core.RelayRules;
import dev.freeway.dataplane.core.Scheduler;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code freeway.dev/} annotations of a Service ask for, with their defaults.
 *
 * @param addresses the virtual addresses, at least one unless errors were reported
 * @param automatic whether the forwarding method was left to us
 * @param onePacket {@code ops}: each UDP packet is scheduled by itself
 * @param probe what the check is to be otherwise than the Pods' readiness probe; null where it is
 *     not to be that
 */
record Settings(
    List<IpAddress> addresses,
    Forwarding forwarding,
    boolean automatic,
    boolean sourceNat,
    Encapsulation encapsulation,
    Scheduler scheduler,
    boolean onePacket,
    int upperThreshold,
    int lowerThreshold,
    RelayRules relay,
    HealthRules health,
    @Nullable ProbeOverrides probe) {
  static final String PREFIX = "freeway.dev/";
  static final String ADDRESSES = Annotation.ADDRESSES.key();
  static final String FORWARDING = Annotation.FORWARDING.key();
  static final String SNAT = Annotation.SNAT.key();
  static final String ENCAPSULATION = Annotation.ENCAPSULATION.key();
  static final String SCHEDULER = Annotation.SCHEDULER.key();
  static final String UPPER_THRESHOLD = Annotation.UPPER_THRESHOLD.key();
  static final String LOWER_THRESHOLD = Annotation.LOWER_THRESHOLD.key();
  static final String WEIGHT = Annotation.WEIGHT.key();

  private static final Set<String> ON_SERVICE = Annotation.keysOn(Annotation.Place.SERVICE);
  private static final Set<String> ON_SLICE = Annotation.keysOn(Annotation.Place.SLICE);

  static final int MAX_WEIGHT = 65535;
  private static final List<String> SCHEDULERS =
      List.of(
          "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "mh", "sed", "nq", "fo", "ovf",
          "twos");
  private static final String GRAMMAR_OF_SCHEDULERS =
      "one of "
          + String.join(" ", SCHEDULERS)
          + ", then flags: mh,mh-fallback,mh-port or sh,sh-fallback,sh-port; ops for UDP";

  /** The annotations of one object, and where what is wrong with them goes. */
  private record Annotations(
      Sourced<?> source, Map<String, String> values, Collection<InputError> errors) {
    static Annotations of(
        Sourced<?> source, @Nullable ObjectMeta meta, Collection<InputError> errors) {
      Map<String, String> all = meta == null ? null : meta.getAnnotations();
      return new Annotations(source, all == null ? Map.of() : all, errors);
    }

    void refuseUnknown(Set<String> known, Set<String> elsewhere, String otherKind) {
      for (Map.Entry<String, String> entry : new TreeMap<>(values).entrySet()) {
        String key = entry.getKey();
        if (!key.startsWith(PREFIX) || known.contains(key)) {
          continue;
        }
        String expected;
        if (elsewhere.contains(key)) {
          expected = "this annotation on the " + otherKind;
        } else {
          Optional<String> nearest =
              Nearest.to(
                  key.substring(PREFIX.length()),
                  known.stream().map(k -> k.substring(PREFIX.length())).toList());
          expected =
              "a known annotation: "
                  + nearest
                      .map(word -> "did you mean " + PREFIX + word + "?")
                      .orElse(String.join(", ", new java.util.TreeSet<>(known)));
        }
        wrong(key, entry.getValue(), expected);
      }
    }

    void wrong(String key, String value, String expected) {
      errors.add(source.error("metadata.annotations[" + key + "]", value, expected));
    }

    int number(String key, int min, int max, int absent) {
      String text = values.get(key);
      if (text == null) {
        return absent;
      }
      try {
        int number = Integer.parseInt(text.strip());
        if (number >= min && number <= max) {
          return number;
        }
      } catch (NumberFormatException e) {
        // the same message
      }
      wrong(key, text, "a whole number from " + min + " to " + max);
      return absent;
    }
  }

  /** The weight that a slice gives to its endpoints. */
  static int weight(Sourced<Slice> slice, Collection<InputError> errors) {
    Annotations annotations = new Annotations(slice, slice.object().annotations(), errors);
    annotations.refuseUnknown(ON_SLICE, ON_SERVICE, "Service");
    return annotations.number(WEIGHT, 0, MAX_WEIGHT, 1);
  }

  /** Whether an object carries any annotation of ours. */
  static boolean mentioned(@Nullable ObjectMeta meta) {
    return meta != null
        && meta.getAnnotations() != null
        && meta.getAnnotations().keySet().stream().anyMatch(key -> key.startsWith(PREFIX));
  }

  static Settings of(
      Sourced<Service> service,
      Optional<List<IpAddress>> given,
      boolean affinity,
      Collection<InputError> errors,
      Collection<String> notes) {
    Annotations annotations = Annotations.of(service, service.object().getMetadata(), errors);
    annotations.refuseUnknown(ON_SERVICE, ON_SLICE, "EndpointSlice");
    String written = annotations.values.getOrDefault(FORWARDING, "auto");
    Forwarding forwarding = forwarding(written, annotations);
    Scheduler byDefault = new Scheduler("mh", true, !affinity);
    String schedulerText = annotations.values.get(SCHEDULER);
    boolean ops = schedulerText != null && words(schedulerText).contains("ops");
    int upper = annotations.number(UPPER_THRESHOLD, 0, Integer.MAX_VALUE, 0);
    int lower = annotations.number(LOWER_THRESHOLD, 0, Integer.MAX_VALUE, 0);
    if (lower > upper) {
      annotations.wrong(
          LOWER_THRESHOLD,
          Integer.toString(lower),
          "at most " + UPPER_THRESHOLD + ", which is " + (upper == 0 ? "not set" : upper));
      lower = 0;
    }
    return new Settings(
        given.orElseGet(() -> addresses(service, annotations, notes)),
        forwarding,
        written.strip().equals("auto"),
        sourceNat(written, forwarding, annotations),
        encapsulation(forwarding, annotations),
        schedulerText == null ? byDefault : scheduler(schedulerText, byDefault, annotations),
        ops,
        upper,
        lower,
        relay(written, annotations),
        health(annotations),
        probe(annotations));
  }

  private static HealthRules health(Annotations annotations) {
    return new HealthRules(
        check(annotations),
        share(annotations),
        slowStart(annotations),
        flag(Annotation.OUTLIER_EJECTION.key(), annotations));
  }

  private static @Nullable HealthCheck check(Annotations annotations) {
    String key = Annotation.HEALTH_CHECK.key();
    String text = annotations.values.get(key);
    if (text == null || text.strip().equals("none") || ProbeOverrides.meant(text)) {
      return null;
    }
    return switch (HealthCheck.parse(text.strip())) {
      case HealthCheck.Reading.Right right -> right.check();
      case HealthCheck.Reading.Wrong wrong -> {
        annotations.wrong(key, wrong.word(), wrong.expected());
        yield null;
      }
    };
  }

  private static @Nullable ProbeOverrides probe(Annotations annotations) {
    String key = Annotation.HEALTH_CHECK.key();
    String text = annotations.values.getOrDefault(key, "");
    if (!ProbeOverrides.meant(text)) {
      return null;
    }
    return switch (ProbeOverrides.parse(text.strip())) {
      case ProbeOverrides.Right right -> right.overrides();
      case HealthCheck.Reading.Wrong wrong -> {
        annotations.wrong(key, wrong.word(), wrong.expected());
        yield null;
      }
    };
  }

  private static int share(Annotations annotations) {
    String key = Annotation.PANIC_THRESHOLD.key();
    String text = annotations.values.get(key);
    if (text == null) {
      return HealthRules.MOST_OUT;
    }
    String digits = text.strip();
    if (digits.matches("\\d{1,3}%")
        && Integer.parseInt(digits, 0, digits.length() - 1, 10) <= 100) {
      return Integer.parseInt(digits, 0, digits.length() - 1, 10);
    }
    annotations.wrong(key, text, "a share from 0% to 100%");
    return HealthRules.MOST_OUT;
  }

  private static Duration slowStart(Annotations annotations) {
    String key = Annotation.SLOW_START.key();
    String text = annotations.values.get(key);
    if (text == null) {
      return Duration.ZERO;
    }
    try {
      return Durations.parse(text.strip());
    } catch (IllegalArgumentException _) {
      annotations.wrong(key, text, "a time such as 30s or 2m");
      return Duration.ZERO;
    }
  }

  private static boolean flag(String key, Annotations annotations) {
    String text = annotations.values.getOrDefault(key, "false");
    if (!text.equals("true") && !text.equals("false")) {
      annotations.wrong(key, text, "\"true\" or \"false\"");
    }
    return text.equals("true");
  }

  private static RelayRules relay(String forwarding, Annotations annotations) {
    String key = Annotation.PROXY_PROTOCOL.key();
    String proxy = annotations.values.get(key);
    Optional<RelayRules.ProxyProtocol> known =
        Arrays.stream(RelayRules.ProxyProtocol.values())
            .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(proxy))
            .findFirst();
    if (proxy != null && known.isEmpty()) {
      annotations.wrong(key, proxy, "v1, v2 or none");
    }
    return new RelayRules(
        forwarding.strip().equals("relay"),
        known.orElse(RelayRules.ProxyProtocol.NONE),
        limit(Annotation.MAX_CONNECTIONS, annotations),
        limit(Annotation.MAX_RATE, annotations),
        limit(Annotation.MAX_CLIENT_CONNECTIONS, annotations),
        limit(Annotation.MAX_CLIENT_RATE, annotations));
  }

  private static int limit(Annotation annotation, Annotations annotations) {
    return annotations.number(annotation.key(), 0, Integer.MAX_VALUE, 0);
  }

  private static List<IpAddress> addresses(
      Sourced<Service> service, Annotations annotations, Collection<String> notes) {
    List<IpAddress> requested = requested(service, annotations.errors);
    if (requested.isEmpty() && written(service).isEmpty()) {
      annotations.wrong(
          ADDRESSES, "", "the addresses that clients connect to, such as 10.0.0.1,2001:db8::1");
    } else if (!requested.isEmpty() && annotations.values.get(ADDRESSES) == null) {
      notes.add(
          service.place()
              + ": address from spec.loadBalancerIP, which Kubernetes has deprecated; better "
              + ADDRESSES);
    }
    return requested;
  }

  private static Optional<String> written(Sourced<Service> service) {
    Map<String, String> annotations = service.object().getMetadata().getAnnotations();
    String text = annotations == null ? null : annotations.get(ADDRESSES);
    return Optional.ofNullable(text == null ? service.object().getSpec().getLoadBalancerIP() : text)
        .filter(asked -> !asked.isBlank());
  }

  /** The addresses that a Service asks for by name; empty when it leaves that to us. */
  static List<IpAddress> requested(Sourced<Service> service, Collection<InputError> errors) {
    Optional<String> text = written(service);
    if (text.isEmpty()) {
      return List.of();
    }
    Map<String, String> annotations = service.object().getMetadata().getAnnotations();
    String field =
        annotations != null && annotations.containsKey(ADDRESSES)
            ? "metadata.annotations[" + ADDRESSES + "]"
            : "spec.loadBalancerIP";
    Set<IpAddress> addresses = new LinkedHashSet<>();
    for (String word : words(text.get())) {
      String problem = null;
      try {
        IpAddress address = IpAddress.parse(word);
        if (!address.isUnicast() || address.isLinkLocal6()) {
          problem = "an address of one host: not multicast, unspecified or link-local";
        } else if (!addresses.add(address)) {
          problem = "each address once";
        }
      } catch (IllegalArgumentException e) {
        problem = "an address such as 10.0.0.1 or 2001:db8::1";
      }
      if (problem != null) {
        errors.add(service.error(field, word, problem));
      }
    }
    return List.copyOf(addresses);
  }

  private static Forwarding forwarding(String text, Annotations annotations) {
    switch (text.strip()) {
      case "auto", "nat", "relay" -> {
        return Forwarding.NAT;
      }
      case "direct" -> {
        return Forwarding.DIRECT;
      }
      case "tunnel" -> {
        return Forwarding.TUNNEL;
      }
      case "tunnel-return" ->
          annotations.wrong(
              FORWARDING,
              text,
              "tunnel-return is not implemented yet: one of auto, direct, tunnel, nat, relay");
      default ->
          annotations.wrong(
              FORWARDING, text, "one of auto, direct, tunnel, tunnel-return, nat, relay");
    }
    return Forwarding.NAT;
  }

  private static boolean sourceNat(String written, Forwarding forwarding, Annotations annotations) {
    String text = annotations.values.get(SNAT);
    if (text == null) {
      return forwarding == Forwarding.NAT;
    }
    boolean known = text.equals("true") || text.equals("false");
    if (!known) {
      annotations.wrong(SNAT, text, "\"true\" or \"false\"");
    } else if (forwarding != Forwarding.NAT) {
      annotations.wrong(
          SNAT,
          text,
          FORWARDING + ": nat; " + written.strip() + " always keeps the client's address");
    }
    return known && forwarding == Forwarding.NAT && text.equals("true");
  }

  private static Encapsulation encapsulation(Forwarding forwarding, Annotations annotations) {
    String text = annotations.values.get(ENCAPSULATION);
    if (text == null) {
      return Encapsulation.IPIP;
    }
    Optional<Encapsulation> parsed = Encapsulation.parse(text);
    if (parsed.isEmpty()) {
      annotations.wrong(ENCAPSULATION, text, Encapsulation.GRAMMAR);
    } else if (forwarding != Forwarding.TUNNEL) {
      annotations.wrong(ENCAPSULATION, text, "only with " + FORWARDING + ": tunnel");
    }
    return parsed.orElse(Encapsulation.IPIP);
  }

  private static Scheduler scheduler(String text, Scheduler byDefault, Annotations annotations) {
    List<String> words = words(text);
    String name = words.getFirst();
    if (!SCHEDULERS.contains(name)) {
      annotations.wrong(
          SCHEDULER,
          text,
          Nearest.to(name, SCHEDULERS).map(word -> "did you mean " + word + "? ").orElse("")
              + GRAMMAR_OF_SCHEDULERS);
      return byDefault;
    }
    boolean fallback = false;
    boolean port = false;
    Set<String> seen = new LinkedHashSet<>();
    boolean hashes = name.equals("mh") || name.equals("sh");
    for (String flag : words.subList(1, words.size())) {
      boolean known = flag.equals("ops");
      if (hashes && flag.equals(name + "-fallback")) {
        fallback = known = true;
      } else if (hashes && flag.equals(name + "-port")) {
        port = known = true;
      }
      if (!known || !seen.add(flag)) {
        annotations.wrong(
            SCHEDULER,
            text,
            known
                ? flag + " once"
                : hashes
                    ? "only the flags " + name + "-fallback, " + name + "-port, ops"
                    : name + " without flags (ops for UDP)");
        return byDefault;
      }
    }
    return new Scheduler(name, fallback, port);
  }

  /** The words between commas, at least one; blanks around them do not matter. */
  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.split(",", -1)) {
      words.add(word.strip());
    }
    return words;
  }
}
