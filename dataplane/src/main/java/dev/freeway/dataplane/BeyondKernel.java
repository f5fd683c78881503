package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.RelayRules;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.doctor.KernelRelease;
import dev.freeway.dataplane.doctor.Needs;
import dev.freeway.dataplane.kube.Translation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the kernel would take without a word and do differently, or not at all: before 5.3 IPVS
 * ignores the kind of a tunnel and sends plain IPIP, which backends that expect another header
 * drop; and only the relay writes into connections, or counts them.
 */
final class BeyondKernel {
  private BeyondKernel() {}

  /** Refuses the Services that need more than this kernel has; the others are not touched. */
  static Translation check(Translation translation, KernelRelease kernel) {
    SortedMap<ServiceKey, DesiredService> kept = new TreeMap<>(translation.desired().services());
    TreeSet<String> refused = new TreeSet<>(translation.refused());
    List<InputError> errors = new ArrayList<>(translation.errors());
    for (Map.Entry<ServiceKey, DesiredService> entry : kept.entrySet()) {
      DesiredService service = entry.getValue();
      Optional<InputError> error =
          relayed(service).or(() -> encapsulated(entry.getKey(), service, kernel));
      if (error.isPresent() && refused.add(service.owner())) {
        errors.add(error.get());
      }
    }
    if (errors.size() == translation.errors().size()) {
      return translation;
    }
    kept.values().removeIf(service -> refused.contains(service.owner()));
    return new Translation(
        new Desired(kept),
        refused,
        translation.sliceless(),
        errors,
        translation.notes(),
        translation.complete());
  }

  private static Optional<InputError> relayed(DesiredService service) {
    RelayRules relay = service.relay();
    if (relay.none()) {
      return Optional.empty();
    }
    String what =
        relay.only()
            ? "forwarding: relay"
            : relay.proxy() != RelayRules.ProxyProtocol.NONE
                ? "proxy-protocol"
                : "limits of connections";
    return Optional.of(
        new InputError(
            "",
            service.owner(),
            what,
            "",
            "ipvs-router run --dataplane relay: the kernel forwards packets, and neither writes"
                + " into connections nor limits them"));
  }

  private static Optional<InputError> encapsulated(
      ServiceKey key, DesiredService service, KernelRelease kernel) {
    if (!kernel.before(5, 3)) {
      return Optional.empty();
    }
    TreeMap<ServiceKey, DesiredService> one = new TreeMap<>();
    one.put(key, service);
    SortedMap<String, String> needed = Needs.of(new Desired(one)).encapsulations();
    return needed.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new InputError(
                "",
                service.owner(),
                "encapsulation",
                needed.firstKey(),
                "ipip, or Linux 5.3 or newer, which IPVS has had it since: this is " + kernel));
  }
}
