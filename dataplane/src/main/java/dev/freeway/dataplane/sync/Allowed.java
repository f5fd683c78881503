package dev.freeway.dataplane.sync;

import dev.freeway.dataplane.core.Change;
import dev.freeway.dataplane.core.HostNeeds;
import dev.freeway.dataplane.core.ServiceKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What may be carried out on the machine as it was prepared. Without its source NAT a service is
 * not programmed: backends would answer its clients past this machine, and those would wait. One
 * that translates already is not touched by that, and what else changes of it is carried out.
 *
 * @param refused the services whose changes are left out
 * @param errors one for each Kubernetes Service that they are of
 */
record Allowed(List<Change> changes, Set<ServiceKey> refused, List<ProgramError> errors) {

  /**
   * Leaves out what is known to be in vain: nothing is prepared for it.
   *
   * @param needs of all that is desired
   * @param beginning the services that are to have source NAT and do not translate yet, with their
   *     Kubernetes Service as {@code namespace/name}
   */
  static Allowed beforehand(
      Host host, HostNeeds needs, List<Change> changes, Map<ServiceKey, String> beginning) {
    return on(beginning.isEmpty() ? Host.Report.NOTHING : host.pending(needs), changes, beginning);
  }

  /** Leaves out more: what preparing the machine for the rest failed for. */
  Allowed on(Host.Report prepared, Map<ServiceKey, String> beginning) {
    Allowed rest = on(prepared, changes, beginning);
    Set<ServiceKey> allRefused = new LinkedHashSet<>(refused);
    allRefused.addAll(rest.refused);
    List<ProgramError> allErrors = new ArrayList<>(errors);
    allErrors.addAll(rest.errors);
    return new Allowed(rest.changes, allRefused, allErrors);
  }

  /**
   * Leaves out changes.
   *
   * @param prepared what preparing the machine came to
   * @param beginning the services that are to have source NAT and do not translate yet, with their
   *     Kubernetes Service as {@code namespace/name}
   */
  static Allowed on(Host.Report prepared, List<Change> changes, Map<ServiceKey, String> beginning) {
    if (prepared.sourceNat().isEmpty() || beginning.isEmpty()) {
      return new Allowed(changes, Set.of(), List.of());
    }
    ProgramError cause = prepared.sourceNat().get();
    List<Change> allowed = new ArrayList<>();
    Set<ServiceKey> refused = new LinkedHashSet<>();
    Set<String> owners = new LinkedHashSet<>();
    for (Change change : changes) {
      ServiceKey service = change.command().service();
      String owner = beginning.get(service);
      if (owner == null) {
        allowed.add(change);
      } else {
        refused.add(service);
        owners.add(owner);
      }
    }
    List<ProgramError> errors =
        owners.stream()
            .map(
                owner ->
                    new ProgramError(
                        "program Service " + owner,
                        cause.errno(),
                        "its source NAT cannot be set up: "
                            + cause.what()
                            + ": "
                            + cause.kernelMessage(),
                        cause.expected(),
                        cause.command()))
            .toList();
    return new Allowed(List.copyOf(allowed), refused, errors);
  }
}
