package dev.freeway.dataplane;

import dev.freeway.dataplane.core.Desired;
import dev.freeway.dataplane.core.DesiredService;
import dev.freeway.dataplane.core.InputError;
import dev.freeway.dataplane.core.ServiceKey;
import dev.freeway.dataplane.doctor.KernelRelease;
import dev.freeway.dataplane.doctor.Needs;
import dev.freeway.dataplane.kube.Translation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What an old kernel takes without a word and does differently: before 5.3 IPVS ignores the kind of
 * a tunnel and sends plain IPIP, which backends that expect another header drop.
 */
final class OldKernel {
  private OldKernel() {}

  /** Refuses the Services that need more than this kernel has; the others are not touched. */
  static Translation check(Translation translation, KernelRelease kernel) {
    if (!kernel.before(5, 3)) {
      return translation;
    }
    SortedMap<ServiceKey, DesiredService> kept = new TreeMap<>();
    TreeSet<String> refused = new TreeSet<>(translation.refused());
    List<InputError> errors = new ArrayList<>(translation.errors());
    for (Map.Entry<ServiceKey, DesiredService> entry :
        translation.desired().services().entrySet()) {
      TreeMap<ServiceKey, DesiredService> one = new TreeMap<>();
      one.put(entry.getKey(), entry.getValue());
      SortedMap<String, String> needed = Needs.of(new Desired(one)).encapsulations();
      if (needed.isEmpty()) {
        kept.put(entry.getKey(), entry.getValue());
      } else if (refused.add(entry.getValue().owner())) {
        errors.add(
            new InputError(
                "",
                entry.getValue().owner(),
                "encapsulation",
                needed.firstKey(),
                "ipip, or Linux 5.3 or newer, which IPVS has had it since: this is " + kernel));
      }
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
}
