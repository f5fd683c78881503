package dev.freeway.dataplane;

import dev.freeway.dataplane.backend.BackendNeeds;
import dev.freeway.dataplane.core.Encapsulation;
import dev.freeway.dataplane.core.IpAddress;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What the command line asks of a real server, checked.
 *
 * @param addresses that it takes packets for
 * @param forwarding {@code direct} or {@code tunnel}; empty when neither was said
 * @param encapsulation of tunnel
 * @param pod as {@code namespace/name}
 */
record BackendConfig(
    Set<IpAddress> addresses,
    Optional<String> forwarding,
    Encapsulation encapsulation,
    Optional<String> pod) {
  static BackendConfig from(RouterConfig.Values values) {
    return new BackendConfig(
        addresses(values),
        RouterConfig.one(values, Setting.FORWARDING, "direct or tunnel", BackendConfig::forwarding),
        RouterConfig.one(
            values,
            Setting.ENCAPSULATION,
            Encapsulation.GRAMMAR,
            text -> Encapsulation.parse(text).orElseThrow(IllegalArgumentException::new)),
        RouterConfig.one(values, Setting.POD, "NAMESPACE/NAME", BackendConfig::pod));
  }

  private static Set<IpAddress> addresses(RouterConfig.Values values) {
    Set<IpAddress> addresses = new LinkedHashSet<>();
    for (String given : values.of(Setting.VIP)) {
      for (String text : given.split(",", -1)) {
        try {
          IpAddress address = IpAddress.parse(text.strip());
          if (!address.isUnicast() || address.isLinkLocal6()) {
            throw new IllegalArgumentException(text);
          }
          addresses.add(address);
        } catch (IllegalArgumentException e) {
          throw new UsageException(
              Setting.VIP.option(),
              text,
              "an address of one host such as 192.0.2.1 or 2001:db8::1");
        }
      }
    }
    return addresses;
  }

  private static Optional<String> forwarding(String text) {
    return switch (text) {
      case "" -> Optional.empty();
      case "direct", "tunnel" -> Optional.of(text);
      default -> throw new IllegalArgumentException(text);
    };
  }

  /** As kubectl takes it where no namespace is named: default. */
  private static Optional<String> pod(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    String name = text.startsWith("pod/") ? text.substring("pod/".length()) : text;
    String[] parts = name.split("/", -1);
    if (parts.length > 2 || parts[0].isEmpty() || parts[parts.length - 1].isEmpty()) {
      throw new IllegalArgumentException(text);
    }
    return Optional.of(parts.length == 2 ? name : "default/" + name);
  }

  /**
   * Refuses what makes no sense together.
   *
   * @throws UsageException naming the option that is missing or too much
   */
  void check(Verb verb) {
    boolean here = verb == Verb.BACKEND_PREPARE || (verb == Verb.BACKEND_DOCTOR && pod.isEmpty());
    if (here && addresses.isEmpty()) {
      throw new UsageException(
          Setting.VIP.option(),
          "missing",
          "the addresses of the services, such as --vip 192.0.2.1"
              + (verb == Verb.BACKEND_DOCTOR ? "; or a Pod: shop/web-7" : ""));
    }
    if (here && forwarding.isEmpty()) {
      throw new UsageException(
          Setting.FORWARDING.option(), "missing", "direct or tunnel, as the Service says");
    }
    if (here
        && forwarding.equals(Optional.of("direct"))
        && !encapsulation.equals(Encapsulation.IPIP)) {
      throw new UsageException(
          Setting.ENCAPSULATION.option(), text(encapsulation), "--forwarding tunnel beside it");
    }
    if (pod.isPresent() && (!addresses.isEmpty() || forwarding.isPresent())) {
      throw new UsageException(
          "", pod.get(), "no --vip and --forwarding beside a Pod: its Services say them");
    }
  }

  private static String text(Encapsulation encapsulation) {
    return encapsulation.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
  }

  BackendNeeds needs() {
    return BackendNeeds.of(
        addresses, forwarding.equals(Optional.of("tunnel")) ? Set.of(encapsulation) : Set.of());
  }
}
